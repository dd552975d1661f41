using System.Text.Json;
using Gyre.Lab.RunFiles;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.App;

/// <summary>`gyre advise` as a user gives it: two sweeps, the second of the ways that may be the best.</summary>
public class AdviseTests
{
    private const string Name = "advise-quick";

    [Fact]
    public void The_seeds_that_are_left_are_spent_on_the_ways_that_may_be_the_best()
    {
        using var folder = new TemporaryFolder();
        string[] advise =
        [
            "advise",
            "quick",
            "--steps",
            "10",
            "--seeds",
            "3",
            "--out",
            folder.Path,
            "--set",
            "data.samples=60",
            "--set",
            "model.widths=[8]",
            "--set",
            "threads=1",
        ];
        var (exitCode, output, error) = GyreProcess.Run(advise);
        Assert.Equal((0, ""), (exitCode, error));

        var (first, more) = (SweepReader.Open(folder[Name]).Plan, SweepReader.Open(folder[$"{Name}-from-seed-2"]).Plan);
        Assert.Equal([0, 1], Seeds(first));
        Assert.Equal(18, Groups(first).Count);
        Assert.Equal(2, Seeds(more)[0]);
        Assert.True(Seeds(more).Length >= 2);
        Assert.Subset(Groups(first), Groups(more));
        Assert.InRange(Groups(more).Count, 1, 17);

        var advice = JsonDocument.Parse(File.ReadAllText(folder[$"{Name}/report/advice.json"])).RootElement;
        var recommended = advice.GetProperty("recommended");
        var regrets = advice
            .GetProperty("tried")
            .EnumerateArray()
            .Select(way => way.GetProperty("expected_regret").GetDouble());
        Assert.Equal(regrets.Min(), recommended.GetProperty("expected_regret").GetDouble());
        Assert.Contains(recommended.GetProperty("name").GetString()!, Groups(more));
        Assert.Equal(
            (2, 2 + Seeds(more).Length),
            (advice.GetProperty("first_seeds").GetInt32(), advice.GetProperty("seeds").GetInt32())
        );
        Assert.Contains("Train at eta = ", output, StringComparison.Ordinal);

        (exitCode, output, _) = GyreProcess.Run(advise);
        Assert.Equal(0, exitCode);
        Assert.Contains("36 cells, 36 done", output, StringComparison.Ordinal);
        Assert.DoesNotContain("measuring", output, StringComparison.Ordinal);
    }

    private static int[] Seeds(SweepPlanRecord plan) => [.. plan.Cells.Select(cell => cell.Seed).Distinct().Order()];

    private static HashSet<string> Groups(SweepPlanRecord plan) => [.. plan.Cells.Select(cell => cell.Group)];
}
