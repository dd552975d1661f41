using System.Globalization;
using Gyre.Lab.Statistics;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.Lab.Statistics;

/// <summary>
/// The choice by expected regret on a real sweep, `gyre advise fashion-mlp` at twelve seeds each: test accuracies of
/// its ways
/// (TestKit/advice-scores.csv; empty where the run diverged). Three seeds choose, the other nine judge.
/// </summary>
public class HeldOutChoiceTests(ITestOutputHelper output)
{
    private const int Draws = 40;
    private const double Close = 0.005;

    private static readonly string Table = Path.Combine(
        Source.Root,
        "tests",
        "Gyre.Tests.TestKit",
        "advice-scores.csv"
    );

    /// <summary>A row a way, a column a seed; null where the run diverged.</summary>
    private static readonly double?[][] Scores =
    [
        .. File.ReadLines(Table).Skip(1).Select(line => line.Split(',').Skip(1).Select(Score).ToArray()),
    ];

    [Fact]
    public void It_is_within_half_a_point_of_the_best_on_seeds_that_did_not_choose()
    {
        var (random, seeds) = (new Random(1), Enumerable.Range(0, Scores[0].Length).ToArray());
        var (near, bounded, nearMean, lost) = (0, 0, 0, 0.0);
        for (var draw = 0; draw < Draws; draw++)
        {
            random.Shuffle(seeds);
            var (own, others) = (seeds[..3], seeds[3..]);
            int[] ways =
            [
                .. Enumerable.Range(0, Scores.Length).Where(way => own.All(seed => Scores[way][seed] is not null)),
            ];
            var odds = SmallestRegret.TryFind(
                [.. ways.Select(way => own.ToDictionary(seed => seed, seed => Scores[way][seed]!.Value))],
                1
            )!;
            double HeldOut(int i) =>
                others.All(seed => Scores[ways[i]][seed] is not null)
                    ? others.Average(seed => Scores[ways[i]][seed]!.Value)
                    : double.NegativeInfinity;
            var all = Enumerable.Range(0, ways.Length).ToArray();
            var (best, chosen) = (all.Max(HeldOut), all.MinBy(i => odds[i].Regret));
            var byMean = all.MaxBy(i => own.Average(seed => Scores[ways[i]][seed]!.Value));
            var cost = best - HeldOut(chosen);
            near += cost <= Close ? 1 : 0;
            bounded += cost <= odds[chosen].MostLost ? 1 : 0;
            nearMean += best - HeldOut(byMean) <= Close ? 1 : 0;
            lost += cost;
        }
        output.WriteLine(
            $"within {Close}: {near} of {Draws}; by the mean {nearMean}; within the bound {bounded}; cost "
                + $"{lost / Draws:0.0000}"
        );
        Assert.True(near >= 0.9 * Draws, $"{near} of {Draws}");
        Assert.True(bounded >= 0.9 * Draws, $"{bounded} of {Draws}");
        Assert.True(near >= nearMean - 2, $"{near} against {nearMean} by the mean");
    }

    private static double? Score(string cell) =>
        cell.Length == 0 ? null : double.Parse(cell, CultureInfo.InvariantCulture);
}
