using System.Diagnostics;
using Gyre.Lab.Theory;

namespace Gyre.Benchmarks;

/// <summary>Times the map of outcomes of `gyre theory`: 200×200 starts on all processors.</summary>
internal static class TheoryMap
{
    private const int Runs = 5;

    public static void Measure(Report report)
    {
        foreach (var depth in new[] { 2, 3, 5 })
        {
            var seconds = Enumerable.Range(0, Runs).Select(_ => Seconds(depth)).ToArray();
            report.Row(
                $"map of outcomes, 200 × 200 starts, depth {depth}, all processors",
                $"{Report.Median(seconds):0.00} s",
                "< 5 s"
            );
        }
    }

    private static double Seconds(int depth)
    {
        double[] Even(double last) =>
            [.. Enumerable.Range(0, ExactStudy.MapSize).Select(i => (i + 0.5) / ExactStudy.MapSize * last)];
        var watch = Stopwatch.StartNew();
        OutcomeMap.Compute(depth, 0.9, Even(12), Even(2.2 * 2 / depth));
        return watch.Elapsed.TotalSeconds;
    }
}
