using Gyre.Lab.Coverage;

namespace Gyre.Benchmarks;

/// <summary>
/// Counts the error bars that do not contain the truth, for every setting of the coverage suite and a number of seeds.
/// </summary>
internal static class CoverageOfBars
{
    public static void Measure(Report report, int seeds)
    {
        var total = new CoverageTally();
        foreach (var setting in CoverageCase.All)
        {
            var began = TimeProvider.System.GetTimestamp();
            var tally = Enumerable
                .Range(0, seeds)
                .Select(seed => Judged(setting, seed))
                .Aggregate((one, other) => one + other);
            Row(report, setting.Name, tally, TimeProvider.System.GetElapsedTime(began).TotalSeconds);
            foreach (var failure in tally.Failures)
                Console.Error.WriteLine(failure);
            total += tally;
        }
        Row(report, "all", total, 0);
    }

    private static CoverageTally Judged(CoverageCase setting, int seed)
    {
        var folder = Directory.CreateTempSubdirectory("gyre-coverage-");
        try
        {
            return CoverageRun.Judge(setting.Spec(seed), Path.Combine(folder.FullName, "run"), TimeProvider.System);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void Row(Report report, string name, CoverageTally tally, double seconds) =>
        report.Row(
            $"{name}",
            $"{tally.Measurements} measurements, {(double)tally.Products / tally.Measurements:0.0} products "
                + $"each; eigenvectors outside {tally.Vectors} (beyond three bars {tally.FarOutside}, worst "
                + $"{tally.Worst:0.0}; without a bar {tally.Unresolved}); eigenvalues {tally.Values}; blocks "
                + $"{tally.Blocks}; rotations {tally.Intervals}; across {tally.Across}; lambda_min {tally.Bottoms} "
                + $"(open {tally.BottomsOpen}); summaries {tally.Summaries}; kinks {tally.Kinks}; rounding "
                + $"{tally.Rounding:0.0}; {seconds:0} s",
            "≤ 0.5 %, 0, 0, -, ≤ 0.2 %, 0, 0"
        );
}
