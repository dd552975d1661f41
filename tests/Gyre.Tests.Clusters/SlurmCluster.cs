using System.Diagnostics;
using Gyre.Lab.Clusters;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.Clusters;

/// <summary>
/// A Slurm of two nodes on this machine, thrown away at the end. The script that makes it is not a part of this
/// checkout: where it or Slurm is missing, tests are skipped, or fail where everything is required.
/// </summary>
public sealed class SlurmCluster : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly TemporaryFolder _folder = new();
    private readonly string _script = Path.GetFullPath(
        Path.Combine(Source.Root, "..", "shared", "cluster", "slurm-ci.sh")
    );
    private readonly string? _missing;

    public SlurmCluster()
    {
        _missing = Missing();
        Environment = new Dictionary<string, string>
        {
            ["SLURM_CI_ROOT"] = _folder["cluster"],
            ["SLURM_CI_PORT"] = (20_000 + System.Environment.ProcessId % 10_000).ToString(
                System.Globalization.CultureInfo.InvariantCulture
            ),
            ["SLURM_CONF"] = Path.Combine(_folder["cluster"], "slurm.conf"),
        };
        if (_missing is not null)
            return;
        if (!OperatingSystem.IsWindows())
            // munge's socket must be within reach of its clients
            File.SetUnixFileMode(_folder.Path, (UnixFileMode)0b111_101_101);
        Do("up");
    }

    private string? Missing()
    {
        if (!File.Exists(_script))
            return "the script that makes a Slurm cluster is not here";
        return Slurm.IsHere ? null : "Slurm is not installed here";
    }

    /// <summary>What a process needs to find the cluster.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; }

    /// <summary>
    /// Skips the test where there is no cluster, and makes both nodes ready where a test before has left one down.
    /// </summary>
    public void Require()
    {
        Assert.SkipUnless(
            _missing is null || System.Environment.GetEnvironmentVariable("GYRE_REQUIRE_ALL") == "1",
            _missing ?? ""
        );
        Assert.True(_missing is null, $"required here: {_missing}");
        Until(
            () =>
                Ask("sinfo", "-h", "-N", "-o", "%N %t")
                    .Split('\n', StringSplitOptions.RemoveEmptyEntries)
                    .Count(line => line.EndsWith(" idle", StringComparison.Ordinal)) == 2,
            "both nodes are idle",
            () => Ask("sinfo", "-N") + Ask("squeue")
        );
    }

    /// <summary>A command of the script that makes the cluster.</summary>
    public void Do(params string[] words)
    {
        var (code, said) = Run("bash", [_script, .. words]);
        Assert.True(code == 0, said);
    }

    /// <summary>What a command of Slurm writes, or its complaint.</summary>
    public string Ask(string command, params string[] words) => Run(command, words).Said;

    /// <summary>
    /// The controller's process, killed without a word, as soon as it has saved that these jobs are its own. It saves
    /// every few seconds; one that is killed before forgets them and gives their numbers to the next jobs, whose nodes
    /// then
    /// refuse them ("Duplicate jobid") and are drained: nothing that a test after this one could stand.
    /// </summary>
    public void KillController(DateTime submitted)
    {
        var state = new FileInfo(Path.Combine(Environment["SLURM_CI_ROOT"], "ctld", "job_state"));
        Until(
            () =>
            {
                state.Refresh();
                return state.Exists && state.LastWriteTimeUtc > submitted.AddSeconds(1);
            },
            "the controller has saved its state"
        );
        var file = Path.Combine(Environment["SLURM_CI_ROOT"], "slurmctld.mypid");
        GyreProcess.Signal(
            int.Parse(File.ReadAllText(file).Trim(), System.Globalization.CultureInfo.InvariantCulture),
            "KILL"
        );
    }

    /// <summary>Starts the controller again with the state that it left on the disk.</summary>
    public void StartController()
    {
        var root = Environment["SLURM_CI_ROOT"];
        Run(
            "bash",
            [
                "-c",
                $"setsid /usr/sbin/slurmctld -D > '{root}/log/slurmctld.again.out' 2>&1 < /dev/null & echo $! "
                    + $"> '{root}/slurmctld.mypid'",
            ]
        );
    }

    /// <summary>Waits for something, not for a time.</summary>
    public static void Until(Func<bool> holds, string what, Func<string>? otherwise = null)
    {
        var begun = Stopwatch.GetTimestamp();
        while (!holds())
        {
            if (Stopwatch.GetElapsedTime(begun) > Patience)
                throw new TimeoutException($"not within {Patience}: {what}. {otherwise?.Invoke()}");
            Thread.Sleep(100);
        }
    }

    public void Dispose()
    {
        if (_missing is null)
            Do("down");
        _folder.Dispose();
    }

    private (int Code, string Said) Run(string command, IReadOnlyList<string> words)
    {
        var start = new ProcessStartInfo(command, words)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in Environment)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var complaint = process.StandardError.ReadToEndAsync();
        var answer = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, process.ExitCode == 0 ? answer : $"{answer}{complaint.Result}");
    }
}

[CollectionDefinition(Name)]
public sealed class SlurmTestGroup : ICollectionFixture<SlurmCluster>
{
    public const string Name = "Slurm";
}
