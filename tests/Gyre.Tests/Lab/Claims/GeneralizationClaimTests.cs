using CsCheck;
using Gyre.Lab.Claims;
using static Gyre.Tests.Lab.Claims.SyntheticCells;

namespace Gyre.Tests.Lab.Claims;

public class GeneralizationClaimTests
{
    [Fact]
    public void Reduced_runs_are_compared_seed_by_seed()
    {
        // Accuracies spread far more over seeds than the gains 0.01, 0.012, 0.014: only pairs can tell. 4.3027·0.002/√3
        // = 0.00497.
        Swept(Throughout(0.7, 0.8, 0.9), Reduced(0.71, 0.812, 0.914))
            .Decides("C3a", VerdictKind.Supported, "gain in test accuracy is +1.20 points [+0.70, +1.70], above 0");
        Swept(Throughout(0.71, 0.812, 0.914), Reduced(0.7, 0.8, 0.9))
            .Decides("C3a", VerdictKind.Opposite, "gain in test accuracy is −1.20 points [−1.70, −0.70], below 0");
        Swept(Throughout(0.7, 0.8, 0.9), Reduced(0.71, 0.79, 0.914)).Decides("C3a", VerdictKind.Inconclusive);
    }

    [Fact]
    public void In_whatever_order_the_cells_come() =>
        Gen.Int[0, 1000]
            .Sample(
                seed =>
                {
                    CellMeasures[] cells =
                    [
                        .. Throughout(0.7, 0.8, 0.9),
                        .. Reduced(0.71, 0.812, 0.914),
                        .. Range(0.8, 0.9, 0.7),
                    ];
                    var expected = ClaimCatalog.Decide(Swept(cells));
                    new Random(seed).Shuffle(cells);
                    Assert.Equal(
                        expected.Select(verdict => (verdict.Claim, verdict.Kind, verdict.Reason)),
                        ClaimCatalog
                            .Decide(Swept(cells))
                            .Select(verdict => (verdict.Claim, verdict.Kind, verdict.Reason))
                    );
                },
                iter: 8
            );

    [Fact]
    public void What_C3a_lacks_is_said()
    {
        Swept(Throughout(0.7, 0.8)).Lacks("C3a", "the sweep has no finished reduction");
        Swept(Throughout(0.7, 0.8), Reduced(0.7))
            .Lacks("C3a", "no reduction is finished at every seed without divergence");
        Swept(Throughout(double.NaN, double.NaN), Reduced(0.7, 0.8)).Lacks("C3a", "no test accuracy was measured");
        Swept(Throughout(0.7), Reduced(0.75))
            .Decides(
                "C3a",
                VerdictKind.Inconclusive,
                "gain in test accuracy is 5 points at one seed; an interval needs two seeds"
            );
    }

    [Fact]
    public void A_best_rate_in_the_middle_supports_C3b()
    {
        // Best is 0.2 for every seed left out; there it is 0.1 above the smallest and 0.2 above the largest, give or
        // take 0.01.
        Swept(Range(0.8, 0.9, 0.7))
            .Decides(
                "C3b",
                VerdictKind.Supported,
                "best group, chosen for each seed by the others: eta 0.2; gain over the largest learning rate "
                    + "+20.00 points [+17.52, +22.48], over the smallest +10.00 points [+7.52, +12.48]"
            );
    }

    [Fact]
    public void The_seed_left_out_has_no_say_in_what_is_best()
    {
        // Seed 2 alone says 0.2 is splendid. Without seed 2 the best is 0.1, and of seeds 0 and 1 the one left out lets
        // seed 2 choose 0.2, which is poor at them: over the smallest rate −0.1 at seeds 0 and 1, 0 at seed 2. Choosing
        // on all seeds would give −0.1, −0.1, +0.8.
        var data = Swept(
            Series(0.1, [0.8, 0.8, 0.1], Accuracy),
            Series(0.2, [0.7, 0.7, 0.9], Accuracy),
            Series(0.4, [0.2, 0.2, 0.05], Accuracy)
        );
        var over = data.Part("C3b").Evidence[1];
        Assert.Equal("best minus the smallest learning rate, points", over.Name);
        Assert.Equal(-20.0 / 3, over.Value, 1e-10);
        data.Decides("C3b", VerdictKind.Inconclusive);
    }

    [Fact]
    public void A_best_rate_at_an_end_for_every_seed_left_out_does_not_support_C3b()
    {
        Swept(Range(0.9, 0.8, 0.7)).Decides("C3b", VerdictKind.NotSupported);
        Swept(Range(0.7, 0.8, 0.9)).Decides("C3b", VerdictKind.NotSupported);
        // Now at one end, now at the other: at an end each time. Without seed 0 the largest is best, without seed 1 or
        // 2 the smallest.
        Swept(
                Series(0.1, [1.0, 0.5, 0.5], Accuracy),
                Series(0.2, [0.1, 0.1, 0.1], Accuracy),
                Series(0.4, [0.5, 0.6, 0.6], Accuracy)
            )
            .Decides("C3b", VerdictKind.NotSupported);
        // A tie goes to the smaller rate: nothing is gained by a larger one.
        Swept(Range(0.8, 0.8, 0.8)).Decides("C3b", VerdictKind.NotSupported);
    }

    [Fact]
    public void The_largest_rate_is_the_largest_without_divergence()
    {
        var data = Swept(Range(0.8, 0.9, 0.7), [Diverged(0.8, 0), Cell(0.8, 1), Cell(0.8, 2)]);
        data.Decides(
            "C3b",
            VerdictKind.Supported,
            "best group, chosen for each seed by the others: eta 0.2; gain over the largest learning rate +20.00 "
                + "points [+17.52, +22.48], over the smallest +10.00 points [+7.52, +12.48]"
        );
        Assert.EndsWith("largest: eta 0.4", data.Part("C3b").Evidence[0].Note, StringComparison.Ordinal);
    }

    [Fact]
    public void C3b_needs_three_rates_and_two_seeds()
    {
        Swept(Throughout(0.7, 0.8), Series(0.2, [0.8, 0.8], Accuracy))
            .Lacks("C3b", "this needs three learning rates and two seeds");
        Swept(Series(0.1, [0.7], Accuracy), Series(0.2, [0.8], Accuracy), Series(0.4, [0.7], Accuracy))
            .Lacks("C3b", "this needs three learning rates and two seeds");
        Swept(Range(0.8, double.NaN, 0.7)).Lacks("C3b", "this needs three learning rates and two seeds");
        // Every cell diverged.
        Swept(Range(0.8, 0.9, 0.7).Select(cell => cell with { Outcome = "diverged" }))
            .Lacks("C3b", "this needs three learning rates and two seeds");
    }

    private static CellMeasures Accuracy(CellMeasures cell, double accuracy) => cell with { TestAccuracy = accuracy };

    private static CellMeasures[] Throughout(params double[] accuracy) => Series(0.1, accuracy, Accuracy);

    private static CellMeasures[] Reduced(params double[] accuracy) =>
        [.. accuracy.Select((value, seed) => Cell(0.5, seed, reducedTo: 0.1) with { TestAccuracy = value })];

    /// <summary>
    /// Rates 0.1, 0.2, 0.4 at three seeds: these accuracies, the middle one 0.01 lower and higher at seeds 0 and 2.
    /// </summary>
    private static CellMeasures[] Range(double small, double middle, double large) =>
        Grid(
            [0.1, 0.2, 0.4],
            3,
            (i, seed, cell) =>
                Accuracy(
                    cell,
                    i switch
                    {
                        0 => small,
                        2 => large,
                        _ when small == middle => middle,
                        _ => middle + 0.01 * (seed - 1),
                    }
                )
        );
}
