using Gyre.Lab.Claims;
using Gyre.Lab.Statistics;
using static Gyre.Tests.Lab.Claims.SyntheticCells;

namespace Gyre.Tests.Lab.Claims;

public class PredictionClaimTests
{
    private static readonly double[] Rates = [0.025, 0.05, 0.1, 0.2, 0.4, 0.566, 0.8, 1];

    [Fact]
    public void Drift_that_goes_with_accuracy_where_sharpness_does_not_supports_C4()
    {
        var data = Made((beyond, _) => beyond, (_, noise) => noise);
        data.Decides("C4a", VerdictKind.Supported);
        data.Decides("C4b", VerdictKind.Supported);
        data.Decides("C4", VerdictKind.Supported, "C4a supported; C4b supported");
        Assert.StartsWith("drift 1 (p = 0.0002), final sharpness ", data.Part("C4a").Reason, StringComparison.Ordinal);
        Assert.Equal(0.0002, data.Part("C4a").Evidence[0].PValue, 1e-6);
        Assert.EndsWith(
            ". Cells that turned more had higher accuracy",
            data.Part("C4a").Reason,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void The_sense_of_a_relation_is_said_and_none_where_there_is_none()
    {
        var falling = Made((beyond, _) => -beyond, (_, noise) => noise);
        falling.Decides("C4a", VerdictKind.Opposite);
        Assert.EndsWith(
            ". Cells that turned more had lower accuracy",
            falling.Part("C4a").Reason,
            StringComparison.Ordinal
        );
        Assert.DoesNotContain(
            "turned more",
            Made((_, noise) => noise, (_, noise) => noise * noise).Part("C4a").Reason,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Sharpness_that_goes_with_accuracy_where_drift_does_not_does_not_support_C4()
    {
        var data = Made((_, noise) => noise, (beyond, _) => -beyond);
        data.Decides("C4a", VerdictKind.NotSupported);
        data.Decides("C4b", VerdictKind.NotSupported);
    }

    [Fact]
    public void Neither_is_inconclusive() =>
        Made((_, noise) => noise, (_, noise) => noise * noise).Decides("C4a", VerdictKind.Inconclusive);

    [Fact]
    public void Worse_by_less_than_the_margin_is_at_least_as_well()
    {
        // Sharpness is in the order of accuracy, drift but for neighbours exchanged: the interval of the difference
        // lies below 0, and above −0.1.
        var cells = Grid(
            Rates,
            3,
            (i, seed, cell) =>
                cell with
                {
                    TestAccuracy = 8 * seed + i,
                    FinalSharpness = -(8 * seed + i),
                    Drift = 8 * seed + (i ^ 1),
                }
        );
        var gap = Swept(cells).Part("C4a").Evidence[2];
        Assert.True(gap is { Low: > -0.1, High: < 0 });
        Swept(cells).Decides("C4a", VerdictKind.Supported);
    }

    [Fact]
    public void What_the_rate_says_of_both_is_no_prediction_beyond_it()
    {
        // Accuracy and drift follow the rate and are noise beyond it: overlapping noise, then noise that leaves the
        // rate's order.
        var random = new Random(8);
        ClaimData Noisy(double noise) =>
            Swept(
                Grid(
                    Rates,
                    3,
                    (i, _, cell) =>
                        cell with
                        {
                            TestAccuracy = i + random.NextDouble(),
                            Drift = i + noise * random.NextDouble(),
                            FinalSharpness = random.NextDouble(),
                        }
                )
            );
        var data = Noisy(3);
        data.Decides("C4a", VerdictKind.Supported);
        data.Decides("C4b", VerdictKind.Inconclusive);
        Assert.True(data.Part("C4b").Evidence[0].PValue > 0.05);
        Noisy(1)
            .Lacks(
                "C4b",
                "drift: it cannot be distinguished from the learning rate, which orders the points in the same way"
            );
    }

    [Fact]
    public void Cells_of_groups_that_lack_a_seed_or_had_one_diverge_count_but_not_the_diverged_and_the_forks()
    {
        var data = Swept(
            Grid(
                [0.1, 0.2, 0.4],
                3,
                (i, seed, cell) =>
                    cell with
                    {
                        TestAccuracy = i + seed / 10.0,
                        Drift = i + seed / 10.0,
                        FinalSharpness = i * seed,
                    }
            ),
            [
                Cell(0.5, 0),
                Cell(0.6, 0),
                Cell(0.6, 1),
                Diverged(0.6, 2),
                Cell(0.8, 0, reducedTo: 0.1),
                Cell(0.7, 0) with
                {
                    Drift = double.NaN,
                },
            ]
        );
        Assert.Contains("12 cells", data.Part("C4a").Evidence[0].Note, StringComparison.Ordinal);
    }

    [Fact]
    public void What_C4_lacks_is_said()
    {
        Swept(Grid(Rates[..7], 1, (_, _, cell) => cell))
            .Lacks("C4a", "7 cells are too few for a correlation, which needs 8");
        Swept(
                Grid(
                    [0.1],
                    8,
                    (_, seed, cell) => cell with { TestAccuracy = seed, Drift = seed * seed, FinalSharpness = -seed }
                )
            )
            .Lacks("C4b", "drift: one side is constant, or is determined by the learning rate");
        Swept(Grid(Rates, 3, (_, _, cell) => cell))
            .Lacks("C4a", "drift: one side is constant, or is determined by the learning rate");
    }

    [Fact]
    public void The_table_has_every_measure_that_was_made_both_kinds_and_what_it_gains_over_final_sharpness()
    {
        var data = Swept(
            Grid(
                Rates,
                3,
                (i, seed, cell) =>
                    cell with
                    {
                        TestAccuracy = i + Math.Sin(7 * i + seed),
                        FinalSharpness = -i + 4 * Math.Cos(5 * i + 3 * seed),
                        Drift = Math.Sin(7 * i + seed),
                        Flip = Math.Sin(9 * i + 2 * seed),
                        Trace = double.NaN,
                        LambdaMin = seed == 0 && i < 4 ? double.NaN : -Math.Sin(i * i + seed),
                    }
            )
        );
        var rows = CorrelationTable.Create(data);
        Assert.Equal(
            [
                "final sharpness",
                "peak sharpness",
                "mean sharpness",
                "flip",
                "drift",
                "cumulative rotation",
                "lambda_min",
            ],
            rows.Select(row => row.Measure).Distinct()
        );
        Assert.Equal(14, rows.Count);
        var drift = rows.Single(row => row is { Measure: "drift", Kind: RankKind.Spearman });
        Assert.Equal(
            (data.Part("C4a").Evidence[2].Value, data.Part("C4a").Evidence[2].Low),
            (drift.RawGain!.Value, drift.RawGain.Low)
        );
        Assert.Equal(
            (data.Part("C4b").Evidence[0].Value, data.Part("C4b").Evidence[0].PValue),
            (drift.Partial.Value, drift.Partial.PValue)
        );
        var sharpness = rows.Single(row => row is { Measure: "final sharpness", Kind: RankKind.Kendall });
        Assert.True(sharpness is { RawGain: null, PartialGain: null, Raw: { Value: < 0, Count: 24 } });
        // Gains are over the cells that have both: twenty for lambda_min.
        Assert.All(
            rows.Where(row => row.Measure == "lambda_min"),
            row => Assert.Equal((20, 20, 20), (row.Raw.Count, row.RawGain!.Count, row.PartialGain!.Count))
        );
        // A measure that is the same everywhere has no coefficient and gains nothing.
        Assert.All(
            rows.Where(row => row.Measure == "peak sharpness"),
            row => Assert.True(double.IsNaN(row.Raw.Value) && double.IsNaN(row.RawGain!.Value))
        );
        Assert.Empty(CorrelationTable.Create(Swept(Grid([0.1], 3, (_, _, cell) => cell))));
    }

    /// <summary>Eight rates, three seeds; accuracy follows a number that has nothing to do with the rate.</summary>
    private static ClaimData Made(Func<double, double, double> drift, Func<double, double, double> sharpness)
    {
        var random = new Random(6);
        return Swept(
            Grid(
                Rates,
                3,
                (_, _, cell) =>
                {
                    var (beyond, noise) = (random.NextDouble(), random.NextDouble());
                    return cell with
                    {
                        TestAccuracy = beyond,
                        Drift = drift(beyond, noise),
                        FinalSharpness = sharpness(beyond, noise),
                    };
                }
            )
        );
    }
}
