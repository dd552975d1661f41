using Gyre.Lab.Claims;

namespace Gyre.Tests.Lab.Claims;

public sealed class AdviceTests
{
    private static readonly double[] Rates = [0.1, 0.2, 0.4];

    /// <summary>
    /// Accuracies of the stable rates 0.70 and 0.71, of the unstable 0.75, each seed a little off: the gain is 0.04 at
    /// every seed.
    /// </summary>
    [Fact]
    public void A_gain_that_every_seed_shows_is_evidence_and_the_best_is_recommended()
    {
        var advice = CreateAdvice((rate, seed) => new[] { 0.70, 0.71, 0.75 }[rate] + 0.001 * seed);

        Assert.True(advice.Evidence);
        Assert.Equal(0.4, advice.Recommended!.LearningRate, 1e-12);
        Assert.Equal(0.2, advice.Stable!.LearningRate, 1e-12);
        Assert.Equal(0.04, advice.Gain.Value, 1e-12);
        Assert.Equal(0.4, advice.UnstableFrom!.LearningRate, 1e-12);
        Assert.Null(advice.CatapultsFrom ?? advice.DivergesFrom);
    }

    [Fact]
    public void A_gain_within_the_spread_of_the_seeds_is_no_evidence_and_the_way_of_smallest_regret_is_recommended()
    {
        // Differences of the unstable rate to the better stable one: +0.05, −0.04, +0.02; a mean of 0.01 that is as
        // likely chance.
        var advice = CreateAdvice(
            (rate, seed) => rate == 2 ? 0.71 + new[] { 0.05, -0.04, 0.02 }[seed] : new[] { 0.70, 0.71 }[rate]
        );

        Assert.False(advice.Evidence);
        Assert.Equal("the interval of the difference contains 0", advice.Lack);
        Assert.Equal(advice.Tried.Min(one => one.Odds!.Regret), advice.Recommended!.Odds!.Regret);
        Assert.Equal(0.4, advice.Best!.LearningRate, 1e-12);
    }

    /// <summary>
    /// As the picture of version 0.1 had it: the only stable rate is the worst at every seed, and the others differ by
    /// chance.
    /// </summary>
    [Fact]
    public void What_every_seed_shows_to_be_worst_is_not_recommended()
    {
        double[] rates = [0.03, 0.25, 0.5, 1];
        double[][] scores =
        [
            [0.57, 0.63, 0.48],
            [0.71, 0.74, 0.73],
            [0.75, 0.71, 0.72],
            [0.72, 0.75, 0.74],
        ];
        var advice = Advice.Create(
            SyntheticCells.Swept(
                SyntheticCells.Grid(
                    rates,
                    3,
                    (rate, seed, cell) =>
                        (rate == 0 ? cell : SyntheticCells.Unstable(rates[rate], seed)) with
                        {
                            TestAccuracy = scores[rate][seed],
                        }
                )
            )
        );

        Assert.Equal(0.03, advice.Stable!.LearningRate);
        Assert.NotEqual(0.03, advice.Recommended!.LearningRate);
        Assert.True(advice.Recommended.Odds!.Regret < 0.02);
        Assert.True(advice.Tried[0].Odds!.Regret > 0.08);
        Assert.True(advice.Tried[0].Odds!.ChanceBest < 0.01);
    }

    [Fact]
    public void A_rate_that_is_still_rising_is_told_from_one_that_is_done()
    {
        var cells = SyntheticCells.Grid(
            Rates,
            3,
            (rate, seed, cell) =>
                cell with
                {
                    TestAccuracy = 0.7 + 0.001 * seed,
                    AtFourFifths = new(
                        rate switch
                        {
                            0 => 0.66,
                            1 => 0.7 + 0.001 * seed - 0.001,
                            _ => 0.7 + 0.001 * seed,
                        },
                        double.NaN,
                        double.NaN
                    ),
                }
        );
        var advice = Advice.Create(SyntheticCells.Swept(cells));

        Assert.Equal([true, false, false], advice.Tried.Select(one => one.Rising));
        Assert.Equal(0.041, advice.Tried[0].Rise, 1e-12);
    }

    [Fact]
    public void Later_seeds_of_some_ways_are_compared_where_the_first_seeds_chose_them()
    {
        // The first two seeds make 0.4 the best by far; the later three, of 0.2 and 0.4 alone, show no difference.
        CellMeasures Scored(int rate, int seed, double score) =>
            (rate == 2 ? SyntheticCells.Unstable(Rates[rate], seed) : SyntheticCells.Cell(Rates[rate], seed)) with
            {
                TestAccuracy = score,
            };
        var first =
            from seed in new[] { 0, 1 }
            from rate in new[] { 0, 1, 2 }
            select Scored(rate, seed, new[] { 0.5, 0.6, 0.8 }[rate] + 0.01 * seed);
        var later =
            from seed in new[] { 2, 3, 4 }
            from rate in new[] { 1, 2 }
            select Scored(rate, seed, 0.7 + 0.01 * seed + (rate - 1) * new[] { 0.01, -0.01, 0 }[seed - 2]);
        var advice = Advice.Create(SyntheticCells.Swept(first, later), [0, 1]);

        Assert.Equal((3, false), (advice.Gain.Count, advice.Evidence));
        Assert.Equal([2, 5, 5], advice.Tried.Select(one => one.Seeds));
        Assert.True(advice.Gain.Low < 0 && advice.Gain.High > 0);
    }

    /// <summary>
    /// Among many ways that differ by chance the best seen is no gain: it is chosen on other seeds than it is compared
    /// on.
    /// </summary>
    [Fact]
    public void The_best_of_many_equal_ways_is_seldom_taken_for_a_gain()
    {
        var random = new Random(1);
        double[] rates = [0.1, .. Enumerable.Range(1, 30).Select(i => 0.2 + 0.01 * i)];
        var found = 0;
        for (var trial = 0; trial < 1000; trial++)
        {
            double Noise() => Enumerable.Range(0, 12).Sum(_ => random.NextDouble()) - 6; // nearly normal
            var cells = SyntheticCells.Grid(
                rates,
                3,
                (rate, seed, cell) =>
                    (rate == 0 ? cell : SyntheticCells.Unstable(rates[rate], seed)) with
                    {
                        TestAccuracy = 0.7 + 0.01 * Noise(),
                    }
            );
            found += Advice.Create(SyntheticCells.Swept(cells)).Evidence ? 1 : 0;
        }
        Assert.InRange(found / 1000.0, 0.02, 0.075); // 5 %, give or take three and a half standard errors
    }

    [Fact]
    public void It_says_why_there_can_be_no_evidence()
    {
        Assert.Equal("one seed has no error bar", Advice.Create(Swept(1, (rate, _) => rate)).Lack);
        var copies = SyntheticCells.Grid(
            Rates,
            3,
            (rate, seed, cell) =>
                (rate == 2 ? SyntheticCells.Unstable(Rates[rate], seed) : cell) with
                {
                    TestAccuracy = 0.7 + 0.1 * rate,
                    Trajectory = $"{rate}",
                }
        );
        var seedless = Advice.Create(SyntheticCells.Swept(copies));
        Assert.StartsWith("the seeds make no difference", seedless.Lack, StringComparison.Ordinal);
        Assert.Equal((true, 1, 0.4), (seedless.Seedless, seedless.Seeds, seedless.Recommended!.LearningRate));
        var stable = SyntheticCells.Grid(
            Rates,
            3,
            (rate, seed, cell) => cell with { TestAccuracy = 0.7 + 0.01 * seed }
        );
        Assert.StartsWith(
            "sharpness never reached the threshold",
            Advice.Create(SyntheticCells.Swept(stable)).Lack,
            StringComparison.Ordinal
        );
        var diverged = Advice.Create(
            SyntheticCells.Swept(
                SyntheticCells.Grid(Rates, 3, (rate, seed, _) => SyntheticCells.Diverged(Rates[rate], seed))
            )
        );
        Assert.Equal(("every learning rate diverged at some seed", null), (diverged.Lack, diverged.Recommended));
        Assert.Equal(0.1, diverged.DivergesFrom!.LearningRate, 1e-12);
    }

    [Fact]
    public void Without_a_test_set_losses_are_compared_by_their_logarithm()
    {
        var cells = SyntheticCells.Grid(
            Rates,
            3,
            (rate, seed, cell) =>
                (rate == 2 ? SyntheticCells.Unstable(Rates[rate], seed) : cell) with
                {
                    TestAccuracy = double.NaN,
                    TrainLoss = new[] { 1.0, 0.5, 0.05 }[rate] * (1 + 0.001 * seed),
                }
        );
        var advice = Advice.Create(SyntheticCells.Swept(cells));

        Assert.Equal(("training loss", true, false), (advice.Score.Name, advice.Score.IsLoss, advice.Score.HeldOut));
        Assert.Equal(1, advice.Gain.Value, 1e-3); // a tenth of the loss
        Assert.Equal("training loss 0.05", advice.Score.Text(Math.Log10(20)));
    }

    private static Advice CreateAdvice(Func<int, int, double> accuracy) => Advice.Create(Swept(3, accuracy));

    /// <summary>Two stable rates and an unstable one.</summary>
    private static ClaimData Swept(int seeds, Func<int, int, double> accuracy) =>
        SyntheticCells.Swept(
            SyntheticCells.Grid(
                Rates,
                seeds,
                (rate, seed, cell) =>
                    (rate == 2 ? SyntheticCells.Unstable(Rates[rate], seed) : cell) with
                    {
                        TestAccuracy = accuracy(rate, seed),
                    }
            )
        );
}
