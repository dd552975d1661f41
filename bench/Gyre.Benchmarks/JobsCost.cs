using System.Diagnostics;
using System.Globalization;

namespace Gyre.Benchmarks;

/// <summary>
/// Compares divisions of the processors among processes and threads: steps per second of the whole machine, for a small
/// and a large network, in pairs with one process with one thread.
/// </summary>
internal static class JobsCost
{
    private const int MostJobs = 16;

    private static readonly Network[] Networks =
    [
        new("small, preset quick: 784-32-32-10, N = 200", 200),
        new(
            "large: 784-1000-1000-10, N = 2000",
            4,
            "data.samples=2000",
            "model.widths=[1000,1000]",
            "training.learning_rate=0.05",
            "curvature.every=4",
            "curvature.burst=1",
            "curvature.max_products=12"
        ),
    ];

    /// <summary>Prints one row per network and division of the processors.</summary>
    /// <param name="report">Receives the rows.</param>
    /// <param name="pairs">The number of pairs per ratio.</param>
    public static void Measure(Report report, int pairs)
    {
        var folder = Directory.CreateTempSubdirectory("gyre-bench-").FullName;
        try
        {
            foreach (var network in Networks)
                Measure(report, network, pairs, folder);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>
    /// Returns the divisions to compare with one process with one thread: one process with all processors, one process
    /// per processor, two processes with half of them each, and half as many processes with two threads each. At most
    /// 16 processors are used.
    /// </summary>
    internal static IReadOnlyList<Division> Divisions(int processors)
    {
        var all = Math.Min(processors, MostJobs);
        return
        [
            .. new[]
            {
                new Division(1, all),
                new Division(all, 1),
                new Division(2, Math.Max(1, all / 2)),
                new Division(Math.Max(1, all / 2), Math.Min(2, all)),
            }
                .Where(one => one.Jobs * one.Threads > 1)
                .Distinct(),
        ];
    }

    private static void Measure(Report report, Network network, int pairs, string folder)
    {
        var one = new Division(1, 1);
        Speed(network, one, folder); // warm-up: file caches and compilation are not measured
        var speeds = new List<double>();
        var ratios = Divisions(Environment.ProcessorCount).ToDictionary(division => division, _ => new List<double>());
        for (var pair = 0; pair < pairs; pair++)
        {
            foreach (var (division, found) in ratios)
            {
                var (alone, shared) =
                    pair % 2 == 0
                        ? (Speed(network, one, folder), Speed(network, division, folder))
                        : Turned(network, one, division, folder);
                speeds.Add(alone);
                found.Add(shared / alone);
            }
        }
        report.Row($"{network.Name}; 1 process × 1 thread", $"{Report.Median(speeds):0.0} steps per second", "");
        foreach (var (division, found) in ratios)
            report.Row(
                $"{network.Name}; {division.Jobs} × {division.Threads} over 1 × 1",
                $"{Report.Ratio(found)}",
                ""
            );
    }

    private static (double Alone, double Shared) Turned(Network network, Division one, Division division, string folder)
    {
        var shared = Speed(network, division, folder);
        return (Speed(network, one, folder), shared);
    }

    /// <summary>
    /// Returns the steps per second of all processes together. The start and the evaluation of the test set are left
    /// out, because they are a small part of a cell of a sweep.
    /// </summary>
    private static double Speed(Network network, Division division, string folder)
    {
        var place = Directory.CreateDirectory(Path.Combine(folder, Guid.NewGuid().ToString("N"))).FullName;
        var runs = Enumerable
            .Range(0, division.Jobs)
            .Select(seed => Start(network, division.Threads, seed, place))
            .ToArray();
        foreach (var run in runs)
            GyreRuns.End(run);
        var speed = Directory.EnumerateDirectories(place).Sum(path => network.Steps / Seconds(path));
        Directory.Delete(place, recursive: true);
        return speed;
    }

    private static double Seconds(string run) => GyreRuns.Timings(run).Sum(timing => timing.Total - timing.Evaluation);

    private static Process Start(Network network, int threads, int seed, string place) =>
        GyreRuns.Start(
            [],
            place,
            [
                $"seed={seed.ToString(CultureInfo.InvariantCulture)}",
                $"threads={threads.ToString(CultureInfo.InvariantCulture)}",
                $"training.steps={network.Steps.ToString(CultureInfo.InvariantCulture)}",
                .. network.Sets,
            ]
        );

    /// <summary>A number of processes, and the threads of each.</summary>
    internal sealed record Division(int Jobs, int Threads);

    private sealed record Network(string Name, int Steps, params string[] Sets);
}
