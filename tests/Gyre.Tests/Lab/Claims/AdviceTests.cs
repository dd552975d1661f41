using Gyre.Lab.Claims;

namespace Gyre.Tests.Lab.Claims;

public sealed class AdviceTests
{
    private static readonly double[] Rates = [0.1, 0.2, 0.4];

    /// <summary>Accuracies of the stable rates 0.70 and 0.71, of the unstable 0.75, each seed a little off: the gain is 0.04 at every seed.</summary>
    [Fact]
    public void A_gain_that_every_seed_shows_is_evidence_and_the_best_is_recommended()
    {
        var advice = Of((rate, seed) => new[] { 0.70, 0.71, 0.75 }[rate] + 0.001 * seed);

        Assert.True(advice.Evidence);
        Assert.Equal(0.4, advice.Recommended!.LearningRate, 1e-12);
        Assert.Equal(0.2, advice.Stable!.LearningRate, 1e-12);
        Assert.Equal(0.04, advice.Gain.Value, 1e-12);
        Assert.Equal(0.4, advice.UnstableFrom!.LearningRate, 1e-12);
        Assert.Null(advice.CatapultsFrom ?? advice.DivergesFrom);
    }

    [Fact]
    public void A_gain_within_the_spread_of_the_seeds_is_no_evidence_and_the_stable_rate_is_recommended()
    {
        // Differences of the unstable rate to the better stable one: +0.05, −0.04, +0.02.
        var advice = Of((rate, seed) => rate == 2 ? 0.71 + new[] { 0.05, -0.04, 0.02 }[seed] : new[] { 0.70, 0.71 }[rate]);

        Assert.False(advice.Evidence);
        Assert.Equal("the difference is not clear of 0", advice.Lack);
        Assert.Equal(0.2, advice.Recommended!.LearningRate, 1e-12);
        Assert.Equal(0.4, advice.Best!.LearningRate, 1e-12);
    }

    /// <summary>Among many ways that differ by chance the best seen is no gain: it is chosen on other seeds than it is compared on.</summary>
    [Fact]
    public void The_best_of_many_equal_ways_is_seldom_taken_for_a_gain()
    {
        var random = new Random(1);
        double[] rates = [0.1, .. Enumerable.Range(1, 30).Select(i => 0.2 + 0.01 * i)];
        var found = 0;
        for (var trial = 0; trial < 1000; trial++)
        {
            double Noise() => Enumerable.Range(0, 12).Sum(_ => random.NextDouble()) - 6; // nearly normal
            var cells = SyntheticCells.Grid(rates, 3, (rate, seed, cell) => (rate == 0 ? cell : SyntheticCells.Unstable(rates[rate], seed)) with { TestAccuracy = 0.7 + 0.01 * Noise() });
            found += Advice.Of(SyntheticCells.Swept(cells)).Evidence ? 1 : 0;
        }
        Assert.InRange(found / 1000.0, 0.02, 0.075); // 5 %, give or take three and a half standard errors
    }

    [Fact]
    public void It_says_why_there_can_be_no_evidence()
    {
        Assert.Equal("one seed has no error bar", Advice.Of(Swept(1, (rate, _) => rate)).Lack);
        Assert.StartsWith("the seeds change nothing", Advice.Of(Swept(3, (rate, _) => rate)).Lack, StringComparison.Ordinal);
        var stable = SyntheticCells.Grid(Rates, 3, (rate, seed, cell) => cell with { TestAccuracy = 0.7 + 0.01 * seed });
        Assert.StartsWith("sharpness never reached the threshold", Advice.Of(SyntheticCells.Swept(stable)).Lack, StringComparison.Ordinal);
        var diverged = Advice.Of(SyntheticCells.Swept(SyntheticCells.Grid(Rates, 3, (rate, seed, _) => SyntheticCells.Diverged(Rates[rate], seed))));
        Assert.Equal(("every rate diverged at some seed", null), (diverged.Lack, diverged.Recommended));
        Assert.Equal(0.1, diverged.DivergesFrom!.LearningRate, 1e-12);
    }

    [Fact]
    public void Without_a_test_set_losses_are_compared_by_their_logarithm()
    {
        var cells = SyntheticCells.Grid(Rates, 3, (rate, seed, cell) => (rate == 2 ? SyntheticCells.Unstable(Rates[rate], seed) : cell) with
        { TestAccuracy = double.NaN, TrainLoss = new[] { 1.0, 0.5, 0.05 }[rate] * (1 + 0.001 * seed) });
        var advice = Advice.Of(SyntheticCells.Swept(cells));

        Assert.Equal(("training loss", true, false), (advice.Score.Name, advice.Score.IsLoss, advice.Score.HeldOut));
        Assert.Equal(1, advice.Gain.Value, 1e-3); // a tenth of the loss
        Assert.Equal("training loss 0.05", advice.Score.Text(Math.Log10(20)));
    }

    private static Advice Of(Func<int, int, double> accuracy) => Advice.Of(Swept(3, accuracy));

    /// <summary>Two stable rates and an unstable one.</summary>
    private static ClaimData Swept(int seeds, Func<int, int, double> accuracy) => SyntheticCells.Swept(SyntheticCells.Grid(
        Rates, seeds, (rate, seed, cell) => (rate == 2 ? SyntheticCells.Unstable(Rates[rate], seed) : cell) with { TestAccuracy = accuracy(rate, seed) }));
}
