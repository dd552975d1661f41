using Gyre.Lab.Claims;
using static Gyre.Tests.Lab.Claims.SyntheticCells;

namespace Gyre.Tests.Lab.Claims;

public class FlatteningClaimTests
{
    [Fact]
    public void Falling_peaks_support_C2a_whatever_the_number_of_cells_of_a_seed()
    {
        // Seed 0: −1 and −0.6; seed 1: −0.9 in one cell; seed 2: −0.6 and −0.8. Means −0.8, −0.9, −0.7: −0.8 ±
        // 4.303·0.1/√3.
        var data = Swept(Taus(0.1, -1, double.NaN, -0.6), Taus(0.2, -0.6, -0.9, -0.8));
        data.Decides("C2a", VerdictKind.Supported, "mean tau (5 cells) is −0.8 [−1, −0.552], below 0");
        Swept(Taus(0.1, 0.9, 1, 0.8))
            .Decides("C2a", VerdictKind.Opposite, "mean tau (3 cells) is 0.9 [0.652, 1], above 0");
        Swept(Taus(0.1, -1, 0, 1))
            .Decides(
                "C2a",
                VerdictKind.Inconclusive,
                "mean tau (3 cells) is 0 [−1, 1], too few seeds: the interval covers nearly all possible values"
            );
    }

    [Fact]
    public void Every_cell_with_three_cycles_counts_in_C2a_but_diverged_ones_and_forks()
    {
        // The group at 0.2 lacks seed 0 and a cell of 0.4 diverged: their other cells count all the same.
        var data = Swept(
            Taus(0.1, -1, -1),
            [
                Peaks(Cell(0.2, 1), -0.9),
                Peaks(Diverged(0.4, 0), 1),
                Peaks(Cell(0.4, 1), -0.8),
                Peaks(Cell(0.8, 0, reducedTo: 0.1), 1),
            ]
        );
        data.Decides("C2a", VerdictKind.Supported, "mean tau (4 cells) is −0.95 [−1, −0.315], below 0");
    }

    [Fact]
    public void Seeds_that_agree_by_chance_decide_nothing_in_C2a() =>
        Swept(Taus(0.1, -1 / 3.0, -1 / 3.0, double.NaN))
            .Decides(
                "C2a",
                VerdictKind.Inconclusive,
                "mean tau is −0.333 at each of 2 seeds (2 cells); equal values give no spread"
            );

    [Fact]
    public void C2a_needs_two_seeds_with_three_cycles()
    {
        Swept(Taus(0.1, -1, double.NaN, double.NaN))
            .Lacks("C2a", "only one seed has cells with three instabilities (1); this needs two seeds");
        Swept(Taus(0.1, double.NaN, double.NaN))
            .Lacks("C2a", "no cell had three instabilities; this needs some at two seeds");
    }

    [Fact]
    public void Final_sharpness_that_falls_with_eta_supports_C2b()
    {
        ClaimData Final(Func<int, int, double> sharpness) =>
            Swept(Grid([0.1, 0.2, 0.4], 3, (i, seed, cell) => cell with { FinalSharpness = sharpness(i, seed) }));
        // Three rates, three seeds, all in order: 1/6³.
        Final((i, _) => -i).Decides("C2b", VerdictKind.Supported, "final sharpness falls (p = 0.0046)");
        Final((i, _) => i).Decides("C2b", VerdictKind.Opposite, "final sharpness rises (p = 0.0046)");
        // One seed rises, one falls, one is flat: L = 14 + 10 + 12, the mean of all orders.
        Final(
                (i, seed) =>
                    seed switch
                    {
                        0 => i,
                        1 => -i,
                        _ => 1,
                    }
            )
            .Decides("C2b", VerdictKind.Inconclusive);
        Swept(Grid([0.1, 0.2], 3, (_, _, cell) => cell))
            .Lacks("C2b", "fewer than three learning rates were measured at every seed");
        Final((_, seed) => seed == 0 ? double.NaN : 1)
            .Lacks("C2b", "fewer than three learning rates were measured at every seed");
    }

    [Fact]
    public void Bursts_after_a_fork_are_compared_with_the_controls_at_equal_training_time()
    {
        // The parent's steps of 0.48 reach the fork at 20.16, the control's of 0.02 their burst at 20.01. The burst at
        // the fork (S = 4, the parent's) is after nothing; those at 25 and 30 have one of the control each: (50 − 60 +
        // 40 − 70)/2.
        var fork = Cell(0.48, 0, reducedTo: 0.02) with
        {
            ForkTime = 20.16,
            SharpnessInTime = [(0, 90), (15.2, 6), (20.16, 4), (25.1, 50), (30.02, 40)],
        };
        var control = Cell(0.02, 0) with
        {
            SharpnessInTime = [(0, 90), (5, 85), (15.01, 80), (20.01, 75), (25.0, 60), (30.01, 70)],
        };
        Assert.Equal(-20, fork.SharpnessAfterForkLess(control), 1e-12);
        // A parent whose burst lies before the control's of the same moment changes nothing.
        Assert.Equal(
            -20,
            (
                fork with
                {
                    ForkTime = 20.0,
                    SharpnessInTime = [(20.0, 4), (25.1, 50), (30.02, 40)],
                }
            ).SharpnessAfterForkLess(control),
            1e-12
        );
        // A control that ended earlier has no burst at the later time, and one without a number is none: 50 − 60 alone.
        Assert.Equal(
            -10,
            fork.SharpnessAfterForkLess(control with { SharpnessInTime = [(20.01, 75), (25.0, 60)] }),
            1e-12
        );
        Assert.Equal(
            -10,
            fork.SharpnessAfterForkLess(control with { SharpnessInTime = [(25.0, 60), (30.01, double.NaN)] }),
            1e-12
        );
        Assert.True(double.IsNaN(fork.SharpnessAfterForkLess(control with { SharpnessInTime = [(0, 90), (5, 85)] })));
        Assert.True(double.IsNaN(control.SharpnessAfterForkLess(fork)));
    }

    [Fact]
    public void Sharpness_that_stays_below_after_a_reduction_supports_C2c()
    {
        // Mean −20, deviation 5, 4.3027·5/√3 = 12.4.
        Swept(Controls(), After(-15, -20, -25))
            .Decides(
                "C2c",
                VerdictKind.Supported,
                "sharpness after the reduction minus the control's is −20 [−32.4, −7.58], below 0"
            );
        Swept(Controls(), After(15, 20, 25))
            .Decides(
                "C2c",
                VerdictKind.Opposite,
                "sharpness after the reduction minus the control's is 20 [7.58, 32.4], above 0"
            );
        Swept(Controls(), After(-15, 20, 25)).Decides("C2c", VerdictKind.Inconclusive);
    }

    [Fact]
    public void What_C2c_lacks_is_said()
    {
        Swept(Controls()).Lacks("C2c", "the sweep has no finished reduction");
        Swept(Controls(), After(-15, -20)).Lacks("C2c", "no reduction is finished at every seed without divergence");
        Swept(
                Controls(),
                After(-15, -20, -25).Select(cell => cell.Cell.Seed == 1 ? cell with { Outcome = "diverged" } : cell)
            )
            .Lacks("C2c", "a cell of every reduction diverged");
        const string NoControl =
            "no reduction is to a learning rate that also has runs of its own, finished at every seed without divergence";
        Swept(Grid([0.3], 3, (_, _, cell) => cell), After(-15, -20, -25)).Lacks("C2c", NoControl);
        Swept(
                Controls().Select(cell => cell.Cell.Seed == 1 ? cell with { Outcome = "diverged" } : cell),
                After(-15, -20, -25)
            )
            .Lacks("C2c", NoControl);
        Swept(Controls().Select(cell => cell with { Cycles = 1 }), After(-15, -20, -25))
            .Lacks("C2c", "the runs at the reduced learning rate had instabilities themselves");
        Swept(Controls().Select(cell => cell with { SharpnessInTime = [] }), After(-15, -20, -25))
            .Lacks("C2c", "no burst after the fork has a burst of the control at equal training time");
        Swept(Controls()[..1], After(-15))
            .Decides(
                "C2c",
                VerdictKind.Inconclusive,
                "sharpness after the reduction minus the control's is −15 at one seed; an interval needs two seeds"
            );
    }

    private static CellMeasures[] Controls() =>
        Grid(
            [0.1],
            3,
            (_, seed, cell) => cell with { SharpnessInTime = [(0, 90), (20, 70), (25, 60 + seed), (30, 60 + seed)] }
        );

    /// <summary>Forks to 0.1 with S that much above the control's at both bursts after the fork.</summary>
    private static CellMeasures[] After(params double[] differences) =>
        [
            .. differences.Select(
                (difference, seed) =>
                    Cell(0.5, seed, reducedTo: 0.1) with
                    {
                        ForkTime = 20,
                        SharpnessInTime =
                        [
                            (0, 90),
                            (20, 4),
                            (25, 60 + seed + difference),
                            (30, 60 + seed + difference),
                        ],
                    }
            ),
        ];

    private static CellMeasures[] Taus(double rate, params double[] taus) => Series(rate, taus, Peaks);

    private static CellMeasures Peaks(CellMeasures cell, double tau) => cell with { PeaksTau = tau };
}
