using System.Globalization;

namespace Gyre.Lab.Clusters;

/// <summary>The script for sbatch and its command line: an array with one task per unit of work. Pure.</summary>
/// <param name="Options">The options of the submission.</param>
/// <param name="Name">The name of the job.</param>
/// <param name="Submission">The submission number, which identifies the units and the attempt.</param>
/// <param name="Tasks">The number of units of work.</param>
/// <param name="Sweep">Full path of the sweep folder.</param>
/// <param name="From">Full path of the folder in which the command was given; file names in specs are relative to
/// it.</param>
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
    /// <summary>The name of the command that processes one unit.</summary>
    public const string Command = "sweep-task";

    /// <summary>
    /// Seconds before the time limit at which Slurm signals a task; Slurm may do so a minute earlier.
    /// </summary>
    public const int WarningSeconds = 120;

    public string Text() =>
        string.Join(
            '\n',
            [
                "#!/bin/bash",
                $"# Submission {Whole(Submission)} of a sweep. Its tasks: "
                    + $"cluster/units-{Submission.ToString("D4", CultureInfo.InvariantCulture)}.jsonl of the sweep "
                    + "folder, one line each.",
                .. Directives(DoubleQuoted).Select(line => $"#SBATCH {line}"),
                "",
                .. Options.Setup is { } setup ? ReadFirst(Path.GetFullPath(setup, From)) : [],
                "export TERM=dumb DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1",
                $"if [ ! -r {Quoted(Units)} ]; then",
                $"  echo \"$(hostname) cannot see {Plain(Sweep)}: the sweep folder must be on a file "
                    + "system that all nodes share\" >&2",
                "  exit 1",
                "fi",
                "# exec: Slurm's signals reach the program itself",
                $"exec {string.Join(' ', Program.Select(Quoted))} {Command} {Quoted(Sweep)} {Whole(Submission)}",
                "",
            ]
        );

    /// <summary>A sourced script can exit the shell itself without a message, so a trap reports it.</summary>
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
    /// The directives for sbatch's command line, which overrides the SBATCH_ variables of the user's environment;
    /// those override the script.
    /// </summary>
    public IReadOnlyList<string> Arguments => [.. Directives(word => word)];

    /// <param name="path">Formats a path for the script or for the command line.</param>
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
    /// Quotes text as sbatch parses its directives: in double quotes, with backslashes and quotes escaped.
    /// </summary>
    private static string DoubleQuoted(string word) =>
        $"\"{word.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";

    /// <summary>Escapes text for use within double quotes in the shell.</summary>
    private static string Plain(string word) =>
        string.Concat(word.Select(letter => letter is '"' or '\\' or '$' or '`' ? $"\\{letter}" : $"{letter}"));
}
