using Gyre.Lab.Claims;
using static Gyre.Tests.Lab.Claims.SyntheticCells;

namespace Gyre.Tests.Lab.Claims;

public class RotationClaimTests
{
    private static readonly double[] Rates = [0.1, 0.2, 0.4, 0.8];

    [Fact]
    public void Flips_beyond_their_error_bars_support_C1a()
    {
        // 0.41, 0.51, 0.61 less 0.01: mean 0.5, deviation 0.1, 4.3027·0.1/√3 = 0.248.
        Above([0.41, 0.51, 0.61])
            .Decides(
                "C1a",
                VerdictKind.Supported,
                "flip beyond its error bars and the re-solve baseline is 0.5 [0.252, 0.748], above 0"
            );
        Above([-0.39, -0.49, -0.59])
            .Decides(
                "C1a",
                VerdictKind.NotSupported,
                "flip beyond its error bars and the re-solve baseline is −0.5 [−0.748, −0.252], below 0"
            );
        Above([-0.09, 0.11, 0.31])
            .Decides(
                "C1a",
                VerdictKind.Inconclusive,
                "flip beyond its error bars and the re-solve baseline is 0.1 [−0.397, 0.597], which contains 0"
            );
    }

    [Fact]
    public void Groups_are_averaged_seed_by_seed()
    {
        // Over groups 0.2 apart at every seed but in turn: means by seed 0.5, 0.5, 0.5.
        var data = Swept(Flips(0.4, [0.41, 0.61, 0.51]), Flips(0.8, [0.61, 0.41, 0.51]));
        data.Decides(
            "C1a",
            VerdictKind.Supported,
            "flip beyond its error bars and the re-solve baseline is 0.5 [0.5, 0.5], above 0"
        );
        Assert.Equal(
            ["flip beyond its error bars and the re-solve baseline", "eta 0.4", "eta 0.8"],
            data.Part("C1a").Evidence.Select(one => one.Name)
        );
    }

    [Fact]
    public void A_group_that_is_unstable_at_some_seeds_alone_is_in_neither_part()
    {
        var mixed = Swept([Unstable(0.2, 0), Unstable(0.2, 1), Cell(0.2, 2)]);
        mixed.Lacks("C1a", "no group was unstable at every seed");
        mixed.Lacks("C1b", "no group stayed below the threshold at every seed");
    }

    [Fact]
    public void What_C1a_and_C1b_lack_is_said()
    {
        Swept(Flips(0.4, [0.4, 0.5]).Select(cell => cell with { BaselineHigh = double.NaN, Baseline = double.NaN }))
            .Lacks("C1a", "no re-solve baseline was measured; set curvature.resolve = true");
        Swept(Flips(0.4, [double.NaN, double.NaN]))
            .Lacks(
                "C1a",
                "no flip was measured where it is needed; set curvature.burst to at least 2, or measure more often"
            );
        Swept(Grid([0.1], 2, (_, _, cell) => cell with { Flip = double.NaN }))
            .Lacks(
                "C1b",
                "no flip was measured where it is needed; set curvature.burst to at least 2, or measure more often"
            );
        Swept([Cell(0.1, 0) with { Baseline = double.NaN }, Cell(0.1, 1)])
            .Lacks("C1b", "no re-solve baseline was measured; set curvature.resolve = true");
        Above([0.41])
            .Decides(
                "C1a",
                VerdictKind.Inconclusive,
                "flip beyond its error bars and the re-solve baseline is 0.4 at one seed; an interval needs two seeds"
            );
        Swept(Flips(0.4, [0.41, 0.51, 0.61]), Flips(0.8, [0.41, double.NaN, 0.5]))
            .Decides(
                "C1a",
                VerdictKind.Supported,
                "flip beyond its error bars and the re-solve baseline (1 of 2 groups left out: not measured at every seed) is 0.5 "
                    + "[0.252, 0.748], above 0"
            );
    }

    [Fact]
    public void Diverged_cells_and_forks_count_in_no_part_of_C1()
    {
        var extra = new[]
        {
            Diverged(0.8, 0),
            Unstable(0.8, 1),
            Unstable(0.8, 2),
            Cell(0.8, 0, reducedTo: 0.1) with
            {
                Cycles = 1,
                FlipUnstableLow = -9,
            },
        };
        Swept(Flips(0.4, [0.41, 0.51, 0.61]), extra)
            .Decides(
                "C1a",
                VerdictKind.Supported,
                "flip beyond its error bars and the re-solve baseline is 0.5 [0.252, 0.748], above 0"
            );
    }

    [Fact]
    public void Still_eigenvectors_below_the_threshold_support_C1b()
    {
        Below([0.021, 0.011, 0.031])
            .Decides(
                "C1b",
                VerdictKind.Supported,
                "mean flip below the threshold minus the re-solve baseline is 0.02 [−0.00484, 0.0448], below 0.05"
            );
        Below([0.121, 0.111, 0.131])
            .Decides(
                "C1b",
                VerdictKind.NotSupported,
                "mean flip below the threshold minus the re-solve baseline is 0.12 [0.0952, 0.145], above 0.05"
            );
        Below([0.051, 0.021, 0.081]).Decides("C1b", VerdictKind.Inconclusive);
    }

    [Fact]
    public void Rotation_that_grows_at_every_seed_supports_C1c()
    {
        // Four rates, three seeds, all in order: one order of 24³ for each. p = 7.23e-5.
        Grows((i, _) => 0.1 * i, (i, _) => 0.05 * i)
            .Decides("C1c", VerdictKind.Supported, "flip rises (p = 7.2e−5); drift rises (p = 7.2e−5)");
        Grows((i, _) => 0.1 * i, (i, _) => -0.05 * i)
            .Decides("C1c", VerdictKind.NotSupported, "flip rises (p = 7.2e−5); drift falls (p = 7.2e−5)");
        // Seeds that go opposite ways: two rise, one falls; L = 30 + 30 + 20, of a range from 60 to 90 with mean 75.
        Grows((i, _) => 0.1 * i, (i, seed) => seed == 2 ? -i : i).Decides("C1c", VerdictKind.Inconclusive);
    }

    [Fact]
    public void Two_rates_are_no_trend_and_one_seed_can_be_one()
    {
        Swept(Grid(Rates[..2], 3, (_, _, cell) => cell))
            .Lacks("C1c", "fewer than three learning rates were measured at every seed");
        Swept(Grid(Rates, 2, (i, seed, cell) => i > 1 && seed == 1 ? cell with { Drift = double.NaN } : cell))
            .Lacks("C1c", "fewer than three learning rates were measured at every seed");
        // One seed, four rates in order: p = 1/24.
        Swept(Grid(Rates, 1, (i, _, cell) => cell with { Flip = i, Drift = i }))
            .Decides("C1c", VerdictKind.Supported, "flip rises (p = 0.042); drift rises (p = 0.042)");
    }

    private static ClaimData Above(double[] flips) => Swept(Flips(0.4, flips));

    private static CellMeasures[] Flips(double rate, double[] flips) =>
        Series(rate, flips, (cell, flip) => Unstable(rate, cell.Cell.Seed) with { FlipUnstableLow = flip });

    private static ClaimData Below(double[] flips) =>
        Swept(Series(0.1, flips, (cell, flip) => cell with { Flip = flip }));

    private static ClaimData Grows(Func<int, int, double> flip, Func<int, int, double> drift) =>
        Swept(Grid(Rates, 3, (i, seed, cell) => cell with { Flip = flip(i, seed), Drift = drift(i, seed) }));
}
