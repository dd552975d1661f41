using Gyre.Lab.Coverage;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.Lab.Coverage;

/// <summary>
/// The small form of the coverage suite: real runs, every measurement held against a solve in float64. The full form is
/// <c>bench/Gyre.Benchmarks -- coverage</c>; its table is in docs/theory.md.
/// </summary>
public class CoverageTests
{
    private const int Steps = 80;

    public static TheoryData<string> Settings => [.. CoverageCase.Small.Select(setting => setting.Name)];

    [Theory]
    [MemberData(nameof(Settings))]
    public void Every_error_bar_of_a_real_run_holds_the_truth(string name)
    {
        using var folder = new TemporaryFolder();
        var setting = CoverageCase.Small.Single(one => one.Name == name);
        var tally = CoverageRun.Judge(
            setting.Spec(seed: 1, Steps),
            Path.Combine(folder.Path, "run"),
            TimeProvider.System
        );
        Assert.True(tally.Vectors.All >= 24, $"{tally}");
        Assert.True(tally.Intervals.All >= 15, $"{tally}");
        Assert.Empty(tally.Failures);
        Assert.Equal(
            (0, 0, 0, 0),
            (tally.Vectors.Outside, tally.Values.Outside, tally.Blocks.Outside, tally.Intervals.Outside)
        );
        Assert.Equal((0, 0, 0), (tally.Bottoms.Outside, tally.Summaries.Outside, tally.Across.Outside));
        Assert.True(tally.Bottoms.All >= 5, $"{tally}");
        Assert.True(tally.Kinks == 0 || !name.StartsWith("tanh", StringComparison.Ordinal), $"{tally}");
    }
}
