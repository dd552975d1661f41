using System.Globalization;
using Gyre.Lab.RunFiles;

namespace Gyre.Benchmarks;

/// <summary>
/// Compares one run shared by two ranks of this machine with one process, by size of the network: the time per gradient
/// spent on computation, exchange and waiting (docs/decisions/0009-one-run-over-mpi.md).
/// </summary>
internal static class RanksCost
{
    private static readonly (int Width, int Steps)[] Sizes = [(200, 40), (1000, 12), (3000, 6)];

    private static readonly Dictionary<string, string> Settings = new()
    {
        ["OMPI_ALLOW_RUN_AS_ROOT"] = "1",
        ["OMPI_ALLOW_RUN_AS_ROOT_CONFIRM"] = "1",
        ["OMPI_MCA_rmaps_base_oversubscribe"] = "1",
        ["OMPI_MCA_hwloc_base_binding_policy"] = "none",
    };

    /// <summary>Prints rows for each size and each mpirun that is installed.</summary>
    /// <param name="report">Receives the rows.</param>
    /// <param name="pairs">The number of pairs per ratio.</param>
    public static void Measure(Report report, int pairs)
    {
        foreach (var (name, value) in Settings)
            Environment.SetEnvironmentVariable(name, value);
        var folder = Directory.CreateTempSubdirectory("gyre-bench-").FullName;
        try
        {
            foreach (var launcher in new[] { "mpirun.openmpi", "mpirun.mpich" }.Where(IsInstalled))
            {
                foreach (var (width, steps) in Sizes)
                    Measure(report, launcher, width, steps, pairs, folder);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Measure(Report report, string launcher, int width, int steps, int pairs, string folder)
    {
        Parts([], width, 2, folder); // warm-up: file caches and compilation are not measured
        var (alone, shared) = (new List<Cost>(), new List<Cost>());
        for (var pair = 0; pair < pairs; pair++)
        {
            var first = pair % 2 == 0;
            if (first)
                alone.Add(Parts([], width, steps, folder));
            shared.Add(Parts([launcher, "-np", "2"], width, steps, folder));
            if (!first)
                alone.Add(Parts([], width, steps, folder));
        }
        var parameters = (785L * width) + ((width + 1L) * width) + ((width + 1L) * 10);
        var name = $"n = {parameters}, {launcher}";
        report.Row(
            $"{name}: gradient, one process",
            $"{1000 * Report.Median(alone.Select(cost => cost.Gradient)):0.0} ms",
            ""
        );
        report.Row(
            $"{name}: gradient, 2 ranks: computation, exchange, waiting",
            $"{Middle(shared, cost => cost.Gradient)}, {Middle(shared, cost => cost.Exchange)}, "
                + $"{Middle(shared, cost => cost.Waiting)} ms",
            ""
        );
        report.Row(
            $"{name}: total, 2 ranks / one process",
            $"{Report.Ratio(shared.Zip(alone, (two, one) => two.All / one.All))}",
            ""
        );
    }

    private static string Middle(IEnumerable<Cost> costs, Func<Cost, double> part) =>
        (1000 * Report.Median(costs.Select(part))).ToString("0.00", CultureInfo.InvariantCulture);

    /// <summary>Returns the medians over the steps of one run.</summary>
    private static Cost Parts(string[] launcher, int width, int steps, string folder)
    {
        var place = Directory.CreateDirectory(Path.Combine(folder, Guid.NewGuid().ToString("N"))).FullName;
        GyreRuns.End(
            GyreRuns.Start(
                launcher,
                place,
                [
                    "threads=1",
                    "data.samples=2000",
                    "objective.chunk=1000",
                    FormattableString.Invariant($"model.widths=[{width},{width}]"),
                    FormattableString.Invariant($"training.steps={steps}"),
                    "training.learning_rate=0.01",
                    "curvature.every=0",
                ]
            )
        );
        var timings = GyreRuns.Timings(Directory.GetDirectories(place).Single());
        Directory.Delete(place, recursive: true);
        double Median(Func<TimingRecord, double> part) => Report.Median(timings.Select(part));
        return new Cost(
            Median(timing => timing.Gradient),
            Median(timing => timing.Exchange ?? 0),
            Median(timing => timing.Waiting ?? 0),
            Median(timing => timing.Gradient + (timing.Exchange ?? 0) + (timing.Waiting ?? 0))
        );
    }

    private static bool IsInstalled(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator)
            .Any(folder => File.Exists(Path.Combine(folder, program)));

    /// <summary>Seconds per step.</summary>
    private sealed record Cost(double Gradient, double Exchange, double Waiting, double All);
}
