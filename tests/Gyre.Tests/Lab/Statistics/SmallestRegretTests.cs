using Gyre.Lab.Statistics;
using MathNet.Numerics.Distributions;

namespace Gyre.Tests.Lab.Statistics;

public class SmallestRegretTests
{
    [Fact]
    public void Without_two_seeds_of_a_way_nothing_is_known_of_the_noise() =>
        Assert.Null(SmallestRegret.TryFind([Way(0.5), Way(0.7)], 1));

    [Fact]
    public void What_a_seed_adds_to_every_way_is_no_noise()
    {
        // Seeds differ by 0.2, ways by 0.01 at each of them: the better way is better beyond doubt.
        var odds = SmallestRegret.TryFind([Way(0.50, 0.70, 0.60), Way(0.51, 0.71, 0.61), Way(0.505, 0.705, 0.605)], 1)!;

        Assert.Equal(1, odds[1].ChanceBest);
        Assert.Equal(0, odds[1].Regret, 1e-9);
        Assert.Equal(0.01, odds[0].Regret, 1e-9);
        Assert.Equal(0.60, odds[0].Mean, 1e-9);
    }

    [Fact]
    public void A_way_that_was_left_out_at_later_seeds_is_judged_by_its_own()
    {
        // The later seeds are worse for everyone by 0.3; the way that has none of them is no better for that.
        var odds = SmallestRegret.TryFind(
            [
                Way(0.70, 0.72),
                new Dictionary<int, double>
                {
                    [0] = 0.75,
                    [1] = 0.77,
                    [2] = 0.45,
                    [3] = 0.46,
                },
                new Dictionary<int, double>
                {
                    [0] = 0.74,
                    [1] = 0.75,
                    [2] = 0.44,
                    [3] = 0.44,
                },
            ],
            1
        )!;

        Assert.True(odds[1].Mean > odds[0].Mean && odds[2].Mean > odds[0].Mean);
        Assert.True(odds[1].Regret < odds[0].Regret);
    }

    [Fact]
    public void A_noisy_way_is_not_the_best_for_being_lucky()
    {
        // Means 0.75 and 0.755 over seeds: the first way is steady, the second one was lucky once.
        var odds = SmallestRegret.TryFind(
            [
                Way(0.75, 0.75, 0.75),
                Way(0.66, 0.69, 0.915),
                Way(0.74, 0.74, 0.73),
                Way(0.60, 0.61, 0.60),
                Way(0.72, 0.71, 0.72),
            ],
            1
        )!;

        Assert.True(odds[1].Mean > odds[0].Mean);
        Assert.True(odds[0].Regret < odds[1].Regret, $"{odds[0]}; {odds[1]}");
    }

    /// <summary>Drawn from what the method supposes: the loss of the chosen way stays below its bound in 95 % of the
    /// tables, and its mean is the expected one.</summary>
    [Fact]
    public void Bound_and_expectation_hold_where_ways_and_seeds_are_drawn_as_supposed()
    {
        const int Tables = 600;
        var random = new Random(3);
        var (within, lost, expected) = (0, 0.0, 0.0);
        for (var table = 0; table < Tables; table++)
        {
            double[] means = [.. Enumerable.Range(0, 15).Select(_ => Normal.Sample(random, 0.7, 0.02))];
            double[] seeds = [.. Enumerable.Range(0, 3).Select(_ => Normal.Sample(random, 0, 0.02))];
            var odds = SmallestRegret.TryFind(
                [.. means.Select(mean => Way([.. seeds.Select(add => mean + add + Normal.Sample(random, 0, 0.015))]))],
                table
            )!;
            var chosen = Enumerable.Range(0, 15).MinBy(i => odds[i].Regret);
            var cost = means.Max() - means[chosen];
            (within, lost, expected) = (
                within + (cost <= odds[chosen].MostLost ? 1 : 0),
                lost + cost,
                expected + odds[chosen].Regret
            );
        }
        Assert.True(within >= 0.93 * Tables, $"within the bound: {within / (double)Tables:0.000}");
        Assert.InRange(lost / expected, 0.75, 1.25);
    }

    private static Dictionary<int, double> Way(params double[] scores) =>
        scores.Index().ToDictionary(one => one.Index, one => one.Item);
}
