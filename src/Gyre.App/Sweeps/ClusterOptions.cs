using Gyre.Lab.Clusters;
using Gyre.Lab.Data;
using Gyre.Lab.Quantities;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Specs;
using Gyre.Lab.Sweeps;
using Gyre.Torch;

namespace Gyre.App.Sweeps;

/// <summary>The options of a sweep whose cells are jobs of a cluster.</summary>
internal static class ClusterOptions
{
    private static readonly TimeSpan ShortLimit = TimeSpan.FromMinutes(5);

    /// <summary>The places where cells can run.</summary>
    public static readonly string[] Places = [CellsSettings.Local, CellsSettings.Slurm];

    /// <summary>Returns every mistake in the options.</summary>
    public static IEnumerable<SpecMistake> Mistakes(CellsSettings settings)
    {
        if (!Places.Contains(settings.On))
        {
            var near = Suggestion.For(settings.On, Places);
            yield return new(
                "--on",
                $"{settings.On} is not a place for cells{near}; choose one of {string.Join(" or ", Places)}"
            );
        }
        foreach (
            var (option, given) in ListGiven(settings).Where(one => one.Given && settings.On != CellsSettings.Slurm)
        )
            yield return new(option, "applies to cluster jobs; add --on slurm");
        foreach (
            var (option, value) in new[]
            {
                ("--partition", settings.Partition),
                ("--time", settings.Time),
                ("--gpus", settings.Gpus),
            }.Where(one => one.Item2 is { } text && (text.Length == 0 || text.Any(char.IsWhiteSpace)))
        )
            yield return new(option, $"'{value}' is not one word");
        foreach (var further in settings.Sbatch.Where(text => text.Length == 0 || text.Any(char.IsControl)))
            yield return new("--sbatch", "is one option of sbatch, such as account=physics");
        foreach (
            var (further, why) in settings
                .Sbatch.Select(text => (text, Owned(text)))
                .Where(one => one.Item2 is not null)
        )
            yield return new("--sbatch", $"{further}: {why}");
        if (settings.Cpus is < 1 or > 1024)
            yield return new("--cpus", $"{settings.Cpus} is not a number of processors from 1 to 1024");
        if (settings.Pack is < 1 or > 10_000)
            yield return new("--pack", $"{settings.Pack} is not a number of cells from 1 to 10000");
        if (settings.Setup is { } setup && !File.Exists(setup))
            yield return new("--setup", $"{setup} is not a file");
        if (settings is { Status: true, Cancel: true })
            yield return new("--status", "and --cancel exclude each other; give one");
    }

    /// <summary>Returns one sentence for each likely problem.</summary>
    /// <param name="settings">Options without mistakes.</param>
    /// <param name="sweep">The sweep to run.</param>
    /// <param name="folder">The sweep folder.</param>
    public static IEnumerable<string> Warnings(CellsSettings settings, SweepSpec sweep, SweepFolder folder)
    {
        if (SharedFolder.Warning(folder.Path) is { } shared)
            yield return shared;
        if (settings.Time is { } limit && SlurmTime.TryParse(limit) is { } time && time < ShortLimit)
            yield return $"--time {limit} is {DurationText.Format(time.TotalSeconds)}: Slurm warns a job "
                + $"{ArrayScript.WarningSeconds / 60} to 3 minutes before its limit, and makes it "
                + "wait for two more before it restarts. Give at least a quarter of an hour.";
        if (
            sweep.Base.TryGetValue("device", out var device)
            && device is DeviceNames.Cuda
            && settings.Gpus is null
            && !settings.Sbatch.Any(one => one.Contains("gpu", StringComparison.Ordinal))
        )
            yield return "device = \"cuda\", but the jobs request no GPU: add --gpus 1, unless the partition gives one "
                + "to every job.";
    }

    /// <summary>Describes job arrays in a few words.</summary>
    /// <param name="arrays">The job number and the number of tasks of each array.</param>
    public static string Jobs(IReadOnlyList<(string Job, int Tasks)> arrays) =>
        $"{Counted.Noun(arrays.Count, "job")} "
        + string.Join(", ", arrays.Select(array => $"{array.Job} ({array.Tasks} {Counted.Noun(array.Tasks, "task")})"));

    /// <summary>Returns the options for submitting jobs.</summary>
    /// <param name="settings">Options without mistakes.</param>
    /// <param name="threads">Threads per cell.</param>
    public static SlurmOptions Options(CellsSettings settings, int threads) =>
        new()
        {
            Partition = settings.Partition,
            Time = settings.Time,
            Cpus = settings.Cpus ?? threads,
            Gpus = settings.Gpus,
            Jobs = settings.Jobs,
            Pack = settings.Pack,
            Setup = settings.Setup is { } setup ? Path.GetFullPath(setup) : null,
            Further = settings.Sbatch,
        };

    /// <summary>
    /// Returns why --sbatch must not set an option of sbatch, given by its long or short name; null if it may.
    /// </summary>
    private static string? Owned(string option) =>
        option.TrimStart('-').Split('=', ' ')[0] switch
        {
            "partition" or "p" => "give --partition",
            "time" or "t" => "give --time",
            "cpus-per-task" or "c" => "give --cpus",
            "gpus" or "G" => "give --gpus",
            "array"
            or "a"
            or "job-name"
            or "J"
            or "output"
            or "o"
            or "open-mode"
            or "chdir"
            or "D"
            or "ntasks"
            or "n"
            or "signal"
            or "requeue"
            or "no-requeue"
            or "dependency"
            or "d"
            or "parsable"
            or "wrap"
            or "wait"
            or "W"
            or "test-only" => "Gyre sets this itself to find its jobs and their results",
            _ => null,
        };

    private static IEnumerable<(string Option, bool Given)> ListGiven(CellsSettings settings) =>
        [
            ("--partition", settings.Partition is not null),
            ("--time", settings.Time is not null),
            ("--cpus", settings.Cpus is not null),
            ("--gpus", settings.Gpus is not null),
            ("--pack", settings.Pack is not null),
            ("--setup", settings.Setup is not null),
            ("--sbatch", settings.Sbatch.Length > 0),
            ("--detach", settings.Detach),
        ];
}
