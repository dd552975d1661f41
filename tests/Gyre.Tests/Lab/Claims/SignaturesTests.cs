using Gyre.Lab.Claims;
using static Gyre.Tests.Lab.Claims.SyntheticCells;

namespace Gyre.Tests.Lab.Claims;

public class SignaturesTests
{
    [Fact]
    public void A_sound_sweep_shows_none() =>
        Assert.Empty(
            Seen(
                Swept(
                    Grid(
                        [0.1, 0.2, 0.4],
                        3,
                        (i, seed, cell) => i == 2 ? Unstable(0.4, seed) : cell with { TestAccuracy = 0.8 + 0.01 * i }
                    )
                )
            )
        );

    [Fact]
    public void Parameters_that_grow_without_bound()
    {
        Assert.Equal(
            [
                "Parameters grow without bound: 2 cells diverged with updates longer than at the start, the "
                    + "smallest of their learning rates being 0.7. Try a smaller learning rate, a warmup (training.warmup), or weight "
                    + "decay (objective.weight_decay).",
            ],
            Seen(Swept([Cell(0.1, 0), Diverged(0.7, 0), Diverged(0.8, 0)]))
        );
        Assert.StartsWith(
            "Parameters grow without bound: 1 cell ",
            Assert.Single(Seen(Swept([Diverged(0.7, 0) with { UpdateGrowth = 2 }]))),
            StringComparison.Ordinal
        );
        // Thrown far at once, and moving less than at the start since: diverged, but nothing grows.
        Assert.Empty(Seen(Swept([Diverged(0.7, 0) with { UpdateGrowth = 0.01 }])));
        // Long updates without divergence are no growth without bound.
        Assert.Empty(Seen(Swept([Cell(0.7, 0) with { UpdateGrowth = 3 }])));
    }

    [Fact]
    public void No_better_generalization_despite_instabilities()
    {
        Assert.Equal(
            [
                "No better generalization despite instabilities: reduced runs are below the runs at the small "
                    + "learning rate (gain in test accuracy is −1.20 points [−1.70, −0.70], below 0). Try a later "
                    + "reduction or one to a learning rate nearer to the parent's, more seeds or training samples, "
                    + "or a network whose eigenvectors turn more (deeper, without normalization).",
            ],
            Seen(Reduced([0.71, 0.812, 0.914], [0.7, 0.8, 0.9]))
        );
        Assert.StartsWith(
            "No better generalization despite instabilities: reduced runs are on average not above the runs "
                + "at the small learning rate",
            Assert.Single(Seen(Reduced([0.71, 0.812, 0.914], [0.72, 0.8, 0.9]))),
            StringComparison.Ordinal
        );
        Assert.Empty(Seen(Reduced([0.7, 0.8, 0.9], [0.71, 0.812, 0.914])));
        Assert.Empty(Seen(Reduced([0.7, 0.8, 0.9], [0.71, 0.79, 0.914])));
        // One seed shows nothing, and without an instability none was in vain.
        Assert.Empty(Seen(Reduced([0.8], [0.7])));
        Assert.Empty(Seen(Reduced([0.71, 0.812, 0.914], [0.7, 0.8, 0.9], cycles: 0)));
    }

    [Fact]
    public void Without_reductions_the_smallest_rate_being_best_is_no_better_generalization()
    {
        ClaimData Rates(params double[] accuracy) =>
            Swept(
                Grid(
                    [0.1, 0.2, 0.4],
                    3,
                    (i, seed, cell) =>
                        (i == 0 ? cell : Unstable(cell.Cell.LearningRate, seed)) with
                        {
                            TestAccuracy = accuracy[i],
                        }
                )
            );
        Assert.StartsWith(
            "No better generalization despite instabilities: the smallest learning rate is the best (best group, "
                + "chosen for "
                + "each seed by the others: eta 0.1;",
            Assert.Single(Seen(Rates(0.9, 0.8, 0.7))),
            StringComparison.Ordinal
        );
        Assert.Empty(Seen(Rates(0.7, 0.8, 0.9)));
        Assert.Empty(Seen(Rates(0.7, 0.9, 0.8)));
    }

    [Fact]
    public void Sharpness_that_rises_while_no_instability_resolves()
    {
        var open = Cell(0.4, 0) with
        {
            Outcome = "unresolved",
            Cycles = 1,
            Resolved = 0,
            FinalSharpness = 12,
            FinalThreshold = 5,
        };
        Assert.Equal(
            [
                "Sharpness rises and no instability resolves: 2 cells (eta 0.4). Try a reduction of the learning "
                    + "rate (sweep.reductions), more steps, or a smaller learning rate.",
            ],
            Seen(Swept([Cell(0.1, 0), open, open with { Cell = open.Cell with { Seed = 1 } }]))
        );
        // The report that fired on this: 2.28 at the start, 79 at the peak, 4.66 at the end.
        Assert.Empty(
            Seen(
                Swept([
                    open with
                    {
                        InitialSharpness = 2.28,
                        PeakSharpness = 79,
                        FinalSharpness = 4.66,
                        FinalThreshold = 4,
                    },
                ])
            )
        );
        // Some were resolved, or sharpness came down to the threshold, or it hovers at the edge.
        Assert.Empty(Seen(Swept([open with { Cycles = 3, Resolved = 2 }])));
        Assert.Empty(Seen(Swept([open with { FinalThreshold = 12 }])));
        Assert.Empty(Seen(Swept([open with { Outcome = "edge_of_stability" }])));
    }

    [Fact]
    public void Rotation_that_has_nothing_to_do_with_accuracy()
    {
        ClaimData Made(Func<double, double, double> drift, Func<double, double, double> sharpness)
        {
            var random = new Random(6);
            return Swept(
                Grid(
                    [0.1, 0.2, 0.4, 0.8],
                    6,
                    (_, _, cell) =>
                        (random.NextDouble(), random.NextDouble()) is var (accuracy, noise)
                            ? cell with
                            {
                                TestAccuracy = accuracy,
                                Drift = drift(accuracy, noise),
                                FinalSharpness = sharpness(accuracy, noise),
                            }
                            : cell
                )
            );
        }
        var seen = Assert.Single(Seen(Made((_, noise) => noise, (accuracy, _) => accuracy)));
        Assert.StartsWith(
            "There is no evidence that rotation predicts accuracy (drift ",
            seen,
            StringComparison.Ordinal
        );
        Assert.EndsWith(
            "Try more seeds or learning rates, or a measure at another lag: the table of correlations has all of them.",
            seen,
            StringComparison.Ordinal
        );
        Assert.Empty(Seen(Made((accuracy, _) => -accuracy, (_, noise) => noise)));
        // It goes with accuracy, if less than sharpness does: C4a is not supported, but unrelated it is not.
        var related = Made((accuracy, noise) => accuracy + noise, (accuracy, _) => accuracy);
        Assert.NotEqual(VerdictKind.Supported, related.Part("C4a").Kind);
        Assert.Empty(Seen(related));
    }

    private static IReadOnlyList<string> Seen(ClaimData data) => Signatures.Create(data, ClaimCatalog.Decide(data));

    private static ClaimData Reduced(double[] throughout, double[] reduced, int cycles = 1) =>
        Swept(
            Series(0.1, throughout, (cell, value) => cell with { TestAccuracy = value }),
            reduced.Select(
                (value, seed) => Cell(0.5, seed, reducedTo: 0.1) with { TestAccuracy = value, Cycles = cycles }
            )
        );
}
