using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Gyre.Lab.Clusters;

/// <summary>A task of an array, as the queue reports it.</summary>
/// <param name="Job">The job number of the array.</param>
/// <param name="Index">The task's index in the array.</param>
/// <param name="State">PENDING, RUNNING, COMPLETING, ...</param>
/// <param name="Reason">The reason why it is pending.</param>
/// <param name="Node">The node it runs on.</param>
/// <param name="Name">The name of the job.</param>
internal sealed record QueuedTask(string Job, int Index, string State, string Reason, string Node, string Name)
{
    /// <summary>Whether it is running or completing.</summary>
    public bool Runs => State is "RUNNING" or "COMPLETING";
}

/// <summary>The controller's report on one task.</summary>
/// <param name="State">RUNNING, COMPLETING, ...</param>
/// <param name="Reason">The reason for the state: TimeLimit, None, ...</param>
/// <param name="Restarts">How many times it was restarted, including a requeue in progress.</param>
internal sealed record TaskState(string State, string Reason, int Restarts);

/// <summary>
/// Drives Slurm through its own commands, whose plain output is the same in every version: sbatch, squeue, scontrol,
/// scancel. Their answers are hints; the sweep's folder is authoritative. Accounting (sacct), which many clusters
/// lack, is not needed.
/// </summary>
/// <param name="ask">Runs a command with its arguments and returns its output, or null if it failed, and its error
/// output. If null, the commands of this machine are run.</param>
internal sealed class Slurm(Func<string, IReadOnlyList<string>, (string? Answer, string Said)>? ask = null)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Func<string, IReadOnlyList<string>, (string? Answer, string Said)> _ask = ask ?? Ask;

    /// <summary>Whether Slurm's commands are on this machine.</summary>
    public static bool IsHere =>
        (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator)
            .Any(folder => folder.Length > 0 && File.Exists(Path.Combine(folder, "sbatch")));

    /// <summary>
    /// Returns the version that sbatch reports, such as slurm-wlm 22.05.8; null if it reports none.
    /// </summary>
    public string? Version() =>
        _ask("sbatch", ["--version"]).Answer?.Trim() is { Length: > 0 } version ? version : null;

    /// <summary>Returns the maximum number of tasks in an array.</summary>
    /// <exception cref="ClusterException">The controller does not answer.</exception>
    public int MostTasks()
    {
        var (answer, said) = _ask("scontrol", ["show", "config"]);
        var line = answer
            ?.Split('\n')
            .FirstOrDefault(line => line.StartsWith("MaxArraySize", StringComparison.Ordinal));
        if (line is null)
            throw new ClusterException(
                $"The Slurm controller does not report the maximum array size: {said.Trim()}. Try again when "
                    + "`scontrol show config` answers."
            );
        return Math.Max(1, int.Parse(line.Split('=')[1].Trim(), CultureInfo.InvariantCulture)); // an index is below it
    }

    /// <summary>Submits a script.</summary>
    /// <param name="script">The path of the script.</param>
    /// <param name="arguments">sbatch's arguments (<see cref="ArrayScript.Arguments"/>).</param>
    /// <param name="after">Arrays that must have ended, successfully or not, before a task starts.</param>
    /// <returns>The job number of the array.</returns>
    /// <exception cref="ClusterException">sbatch refused the script; the message quotes it.</exception>
    public string Submit(string script, IReadOnlyList<string> arguments, IReadOnlyList<string> after)
    {
        ArgumentNullException.ThrowIfNull(after);
        var (answer, said) = _ask(
            "sbatch",
            [
                "--parsable",
                .. arguments,
                .. after.Count > 0 ? (string[])[$"--dependency=afterany:{string.Join(':', after)}"] : [],
                script,
            ]
        );
        return answer?.Trim().Split(';')[0] is { Length: > 0 } job
            ? job
            : throw new ClusterException($"sbatch refused: {Sentence(said)}");
    }

    /// <summary>squeue's error message from its last failure.</summary>
    public string LastError { get; private set; } = "";

    /// <summary>Returns this user's pending and running tasks; null if the controller does not answer.</summary>
    public IReadOnlyList<QueuedTask>? Queue()
    {
        var (answer, said) = _ask("squeue", ["-h", "-r", "-u", Environment.UserName, "-o", "%i|%T|%r|%N|%j"]);
        if (answer is null)
            LastError = Sentence(said.Trim().Split('\n')[^1]); // earlier lines only lead up to it
        return answer is null
            ? null
            : [.. answer.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Task).OfType<QueuedTask>()];
    }

    /// <exception cref="ClusterException">The controller does not answer.</exception>
    public void Cancel(IReadOnlyList<string> jobs)
    {
        ArgumentNullException.ThrowIfNull(jobs);
        if (jobs.Count > 0 && _ask("scancel", [.. jobs]) is (null, var said))
            throw new ClusterException($"scancel failed: {Sentence(said)}");
    }

    /// <summary>Requeues a task. The full task number is needed: a bare one may mean the whole array.</summary>
    /// <returns>Null on success; otherwise Slurm's error message.</returns>
    public string? Requeue(string task) =>
        _ask("scontrol", ["requeue", task]) is (null, var said) ? Sentence(said) : null;

    /// <summary>
    /// Returns the controller's report on a task; null if it does not answer or the number now belongs to another
    /// job.
    /// </summary>
    /// <param name="task">The full task number.</param>
    /// <param name="name">The name of the job.</param>
    public TaskState? StateOf(string task, string name)
    {
        if (
            _ask("scontrol", ["show", "job", "-o", task]).Answer is not { } answer
            || !answer.Contains($" JobName={name} ", StringComparison.Ordinal)
        )
            return null;
        var fields = answer
            .Split(' ', '\n')
            .Select(field => field.Split('=', 2))
            .Where(field => field.Length == 2)
            .GroupBy(field => field[0])
            .ToDictionary(same => same.Key, same => same.First()[1]);
        return new TaskState(
            fields.GetValueOrDefault("JobState", ""),
            fields.GetValueOrDefault("Reason", ""),
            int.TryParse(fields.GetValueOrDefault("Restarts"), CultureInfo.InvariantCulture, out var restarts)
                ? restarts
                : 0
        );
    }

    private static QueuedTask? Task(string line) =>
        line.Split('|') is [var id, var state, var reason, var node, var name]
        && id.Split('_') is [var job, var index]
        && int.TryParse(index, CultureInfo.InvariantCulture, out var number)
            ? new QueuedTask(job, number, state, reason, node, name)
            : null;

    private static string Sentence(string said) =>
        said.Trim().ReplaceLineEndings(" ") is { Length: > 0 } words ? words : "it printed nothing";

    /// <summary>Prepares a command without the user's environment variables that would change the request.</summary>
    internal static ProcessStartInfo Start(string command, IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo(command, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        foreach (var variable in start.Environment.Keys.Where(SlurmVariables.ChangesRequest).ToArray())
            start.Environment.Remove(variable);
        return start;
    }

    /// <summary>Runs a command and returns its output, or null if it fails, and its error output.</summary>
    private static (string? Answer, string Said) Ask(string command, IReadOnlyList<string> arguments)
    {
        try
        {
            using var process = Process.Start(Start(command, arguments))!;
            process.StandardInput.Close();
            var said = process.StandardError.ReadToEndAsync();
            var answer = process.StandardOutput.ReadToEndAsync();
            if (!process.WaitForExit(Patience))
            {
                process.Kill(entireProcessTree: true);
                return (null, $"{command} did not answer within {Patience.TotalSeconds:0} s");
            }
            process.WaitForExit();
            return process.ExitCode == 0
                ? (answer.GetAwaiter().GetResult(), said.GetAwaiter().GetResult())
                : (null, said.GetAwaiter().GetResult());
        }
        catch (Win32Exception error)
        {
            return (null, $"{command} cannot be started: {error.Message}");
        }
    }
}
