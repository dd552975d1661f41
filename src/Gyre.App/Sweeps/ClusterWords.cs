using Gyre.App.Commands;
using Gyre.Lab.Clusters;
using Gyre.Lab.Experiments;

namespace Gyre.App.Sweeps;

/// <summary>What the command line says of a cluster.</summary>
internal static class ClusterWords
{
    private static readonly string[] Places = [CellsSettings.Local, CellsSettings.Slurm];

    /// <summary>Every mistake in it.</summary>
    public static IEnumerable<SpecMistake> Mistakes(CellsSettings settings)
    {
        if (!Places.Contains(settings.On))
            yield return new("--on", $"{settings.On} is no place{(SpecReader.Nearest(settings.On, Places) is { } near ? $" (did you mean {near}?)" : "")}; there are {string.Join(", ", Places)}");
        foreach (var (option, given) in OfClusters(settings).Where(one => one.Given && settings.On != CellsSettings.Slurm))
            yield return new(option, "is for jobs of a cluster; add --on slurm");
        foreach (var (option, value) in new[] { ("--partition", settings.Partition), ("--time", settings.Time), ("--gpus", settings.Gpus) }.Where(one => one.Item2 is { } text && (text.Length == 0 || text.Any(char.IsWhiteSpace))))
            yield return new(option, $"'{value}' is not one word");
        foreach (var further in settings.Sbatch.Where(text => text.Length == 0 || text.Any(char.IsControl)))
            yield return new("--sbatch", "is one option of sbatch, such as account=physics");
        if (settings.Cpus is < 1 or > 1024)
            yield return new("--cpus", $"{settings.Cpus} is not a number of processors from 1 to 1024");
        if (settings.Pack is < 1 or > 10_000)
            yield return new("--pack", $"{settings.Pack} is not a number of cells from 1 to 10000");
        if (settings.Setup is { } setup && !File.Exists(setup))
            yield return new("--setup", $"{setup} is not a file");
        if (settings is { Status: true, Cancel: true })
            yield return new("--status", "and --cancel are two different wishes; give one");
    }

    /// <summary>What jobs are asked for with.</summary>
    /// <param name="settings">Without mistakes.</param>
    /// <param name="threads">Of each cell.</param>
    public static SlurmOptions Options(CellsSettings settings, int threads) => new()
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

    private static IEnumerable<(string Option, bool Given)> OfClusters(CellsSettings settings) =>
    [
        ("--partition", settings.Partition is not null), ("--time", settings.Time is not null), ("--cpus", settings.Cpus is not null), ("--gpus", settings.Gpus is not null), ("--pack", settings.Pack is not null),
        ("--setup", settings.Setup is not null), ("--sbatch", settings.Sbatch.Length > 0), ("--detach", settings.Detach),
    ];
}
