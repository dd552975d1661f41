using System.Globalization;

namespace Gyre.Lab.Clusters;

/// <summary>
/// The script that sbatch is given, and its command line: an array with one task per unit of work. Pure.
/// </summary>
/// <param name="Options">What is asked for.</param>
/// <param name="Name">Of the job.</param>
/// <param name="Submission">Its number: which units, and which attempt.</param>
/// <param name="Tasks">Units of work.</param>
/// <param name="Sweep">Full path of the sweep folder.</param>
/// <param name="From">Full path of the folder that the command was given in: specs name files relative to it.</param>
/// <param name="Program">The executable and its first arguments.</param>
internal sealed record ArrayScript(
    SlurmOptions Options,
    string Name,
    int Submission,
    int Tasks,
    string Sweep,
    string From,
    IReadOnlyList<string> Program
)
{
    /// <summary>Name of the command that does a unit.</summary>
    public const string Command = "sweep-task";

    /// <summary>Seconds before the time limit at which a task is told; Slurm may do so a minute earlier.</summary>
    public const int WarningSeconds = 120;

    /// <summary>The script.</summary>
    public string Text() =>
        string.Join(
            '\n',
            [
                "#!/bin/bash",
                $"# Submission {Whole(Submission)} of a sweep. Its tasks: "
                    + $"cluster/units-{Submission.ToString("D4", CultureInfo.InvariantCulture)}.jsonl of the sweep "
                    + "folder, a line each.",
                .. Directives(DoubleQuoted).Select(line => $"#SBATCH {line}"),
                "",
                .. Options.Setup is { } setup ? ReadFirst(Path.GetFullPath(setup, From)) : [],
                "export TERM=dumb DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1",
                $"if [ ! -r {Quoted(Units)} ]; then",
                $"  echo \"$(hostname) does not see {Plain(Sweep)}: the sweep's folder must be on a file "
                    + "system that all nodes share\" >&2",
                "  exit 1",
                "fi",
                "# exec: signals of Slurm reach the program itself",
                $"exec {string.Join(' ', Program.Select(Quoted))} {Command} {Quoted(Sweep)} {Whole(Submission)}",
                "",
            ]
        );

    /// <summary>A script that is read can end the shell itself, without a word.</summary>
    private static string[] ReadFirst(string setup) =>
        [
            $"setup={Quoted(setup)}",
            "trap 'echo \"the setup script $setup ended with exit code $?\" >&2' EXIT",
            "source \"$setup\" || exit",
            "trap - EXIT",
        ];

    private string Units =>
        Path.Combine(Sweep, "cluster", $"units-{Submission.ToString("D4", CultureInfo.InvariantCulture)}.jsonl");

    /// <summary>
    /// What the array is submitted with, for sbatch's command line: it is stronger than the SBATCH_ variables of the
    /// user's environment,
    /// which are stronger than the script.
    /// </summary>
    public IReadOnlyList<string> Arguments => [.. Directives(word => word)];

    /// <param name="path">How a path is written.</param>
    private IEnumerable<string> Directives(Func<string, string> path)
    {
        yield return $"--job-name={Name}";
        yield return $"--array=0-{Whole(Tasks - 1)}{(Options.Jobs is { } jobs ? $"%{Whole(jobs)}" : "")}";
        yield return "--ntasks=1";
        yield return $"--cpus-per-task={Whole(Options.Cpus)}";
        yield return "--requeue";
        yield return $"--signal=B:USR1@{Whole(WarningSeconds)}";
        yield return $"--chdir={path(From)}";
        var output = Path.Combine(Sweep, "cluster", "output").Replace("%", "%%", StringComparison.Ordinal);
        yield return $"--output={path(output + "/%A_%a.out")}";
        yield return "--open-mode=append";
        if (Options.Partition is { } partition)
            yield return $"--partition={partition}";
        if (Options.Time is { } time)
            yield return $"--time={time}";
        if (Options.Gpus is { } gpus)
            yield return $"--gpus={gpus}";
        foreach (var further in Options.Further)
            yield return $"--{further.TrimStart('-')}";
    }

    private static string Whole(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Quoted(string word) => $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    /// <summary>
    /// As sbatch reads its directives: quotes around, a backslash before what would end or begin something.
    /// </summary>
    private static string DoubleQuoted(string word) =>
        $"\"{word.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";

    /// <summary>Within double quotes of the shell.</summary>
    private static string Plain(string word) =>
        string.Concat(word.Select(letter => letter is '"' or '\\' or '$' or '`' ? $"\\{letter}" : $"{letter}"));
}
