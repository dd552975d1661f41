using Gyre.Lab.Claims;
using Gyre.Lab.RunFiles;
using Gyre.Tests.TestKit;
using static Gyre.Tests.Lab.Claims.SyntheticCells;

namespace Gyre.Tests.Lab.Claims;

public class ClaimDataTests
{
    [Fact]
    public void A_claim_is_its_parts_together()
    {
        var verdicts = ClaimCatalog.Decide(
            Swept(Grid([0.1, 0.2, 0.4], 3, (i, seed, cell) => cell with { FinalSharpness = -i }))
        );
        Assert.Equal(
            ["C1", "C1a", "C1b", "C1c", "C2", "C2a", "C2b", "C2c", "C3", "C3a", "C3b", "C4", "C4a", "C4b"],
            verdicts.Select(verdict => verdict.Claim)
        );
        var flattening = verdicts.Single(verdict => verdict.Claim == "C2");
        Assert.Equal(
            (VerdictKind.Inconclusive, "C2a inconclusive; C2b supported; C2c inconclusive"),
            (flattening.Kind, flattening.Reason)
        );
        // One part that is not supported is enough.
        Swept(Grid([0.1, 0.2, 0.4], 3, (i, seed, cell) => cell with { FinalSharpness = i }))
            .Decides("C2", VerdictKind.NotSupported);
    }

    [Fact]
    public void A_sweep_that_varies_more_than_the_rate_is_not_judged()
    {
        var data = new ClaimData(
            [.. Grid([0.1, 0.2, 0.4], 3, (_, _, cell) => cell)],
            ["training.learning_rate", "model.activation", "data.samples"]
        );
        var verdicts = ClaimCatalog.Decide(data);
        Assert.Equal(["C1", "C2", "C3", "C4"], verdicts.Select(verdict => verdict.Claim));
        Assert.All(
            verdicts,
            verdict =>
                Assert.Equal(
                    (
                        VerdictKind.Inconclusive,
                        "the sweep varies model.activation, data.samples too; the claims need sweeps of the "
                            + "learning rate alone"
                    ),
                    (verdict.Kind, verdict.Reason)
                )
        );
    }

    [Fact]
    public void An_empty_sweep_and_one_that_diverged_throughout_decide_nothing()
    {
        foreach (
            var data in new[]
            {
                Swept(),
                Swept([Diverged(0.5, 0), Diverged(0.5, 1), Diverged(0.8, 0), Diverged(0.8, 1)]),
            }
        )
            Assert.All(ClaimCatalog.Decide(data), verdict => Assert.Equal(VerdictKind.Inconclusive, verdict.Kind));
    }

    [Fact]
    public void Groups_have_every_seed_in_order_and_the_rest_is_left_out_of_them()
    {
        var data = Swept([
            Cell(0.4, 1),
            Cell(0.1, 1),
            Cell(0.4, 0),
            Cell(0.1, 0),
            Cell(0.2, 0),
            Diverged(0.8, 0),
            Cell(0.8, 1),
            Cell(0.8, 1, reducedTo: 0.1),
            Cell(0.8, 0, reducedTo: 0.1),
        ]);
        Assert.Equal(["eta 0.1", "eta 0.4", "eta 0.8"], data.Groups.Select(group => group.Name));
        Assert.All(data.Groups, group => Assert.Equal([0, 1], group.Cells.Select(cell => cell.Cell.Seed)));
        Assert.Equal(["eta 0.1", "eta 0.4"], data.SoundGroups.Select(group => group.Name));
        Assert.Equal("eta 0.1", data.ReducedTo(Assert.Single(data.Forks))!.Name);
        Assert.Equal(6, data.Throughout.Count);
    }

    [Fact]
    public void Rates_in_edge_units_differ_by_seed_and_are_one_group_all_the_same()
    {
        static CellMeasures Named(double rate, int seed, double? to = null)
        {
            var cell = Cell(rate, seed, to);
            return cell with { Cell = cell.Cell with { Group = to is null ? "0.1 edge units" : "1 → 0.1 edge units" } };
        }
        var data = Swept([Named(0.0861, 0), Named(0.0913, 1), Named(0.861, 0, 0.0861), Named(0.913, 1, 0.0913)]);
        Assert.Equal("0.1 edge units", data.ReducedTo(data.Forks[0])!.Name);
    }

    [Fact]
    public void Measures_of_a_cell_are_made_of_its_records()
    {
        // Steps of 0.5 to step 3, then of 0.1 (the fork is at step 3, time 1.5). Bursts at steps 0, 3 and 5; the second
        // measurement of the last burst has no number.
        StepRecord[] steps =
        [
            .. Enumerable.Range(0, 8).Select(i => new StepRecord(i, 1, 1, i == 0 ? 2 : 4, i < 3 ? 0.5 : 0.1)),
        ];
        CurvatureRecord[] curvature =
        [
            Curvature(0, 0, 10, -1, 7),
            Curvature(1, 1, 11, -9, null, flip: 0.4),
            Curvature(NotConverged, 0, 20, -3, null, drift: 0.2),
            Curvature(4, 1, 21, -9, null, flip: 0.9),
            Curvature(5, 0, 30, double.NaN, 9, drift: 0.3),
            Curvature(6, 1, 31, -9, null, flip: 0.8),
        ];
        var cell = CellMeasures.FromRecords(
            Cell(0.5, 0, reducedTo: 0.1).Cell with
            {
                ForkStep = 3,
            },
            Summary([new InstabilityRecord(1, 1, 1, 11, 1, 1, 3), new InstabilityRecord(2, 6, 6, 31, 1, 1, null)]),
            steps,
            curvature
        );
        Assert.Equal(
            [(0, 10), (1.5, 20), (1.7, 30)],
            cell.SharpnessInTime.Select(point => (Math.Round(point.Time, 12), point.Sharpness))
        );
        Assert.Equal(cell.SharpnessInTime[1].Time, cell.ForkTime);
        Assert.Equal((20, -1, 8, 0.5), (cell.MeanSharpness, cell.LambdaMin, cell.Trace, cell.CumulativeRotation));
        // Flips at their low ends (0.1 below) at steps 1 (in the first instability, which lasts from time 0.5 to 1.5)
        // and 6 (in the one that is still open, from 1.8 to 1.9), not at 4 between them.
        Assert.Equal((0.3 * 1 + 0.7 * 0.1) / 1.1, cell.FlipUnstableLow, 1e-12);
        Assert.Equal((2, 1, true), (cell.Cycles, cell.Resolved, cell.Unstable));
        Assert.True(double.IsNaN(cell.PeaksTau));
        // Last update 0.1·4 over the first 0.5·2.
        Assert.Equal(0.4, cell.UpdateGrowth, 1e-12);
        Assert.Equal(
            double.PositiveInfinity,
            CellMeasures
                .FromRecords(
                    cell.Cell,
                    Summary([]),
                    [.. steps, steps[0] with { Step = 8, GradientNorm = double.NaN }],
                    curvature
                )
                .UpdateGrowth
        );
    }

    [Fact]
    public void Peaks_of_three_cycles_have_a_tau_and_what_was_not_measured_is_not_a_number()
    {
        InstabilityRecord[] cycles =
        [
            new(1, 0, 0, 30, 1, 1, 2),
            new(2, 3, 3, 20, 1, 1, 4),
            new(3, 5, 5, 25, 1, 1, null),
        ];
        // 30, 20, 25: two pairs fall, one rises.
        Assert.Equal(-1.0 / 3, CellMeasures.FromRecords(Cell(0.5, 0).Cell, Summary(cycles), [], []).PeaksTau, 1e-12);
        var none = CellMeasures.FromRecords(Cell(0.5, 0).Cell, Summary([]), [], []);
        Assert.All(
            new[]
            {
                none.MeanSharpness,
                none.Flip,
                none.FlipUnstableLow,
                none.Drift,
                none.CumulativeRotation,
                none.Baseline,
                none.LambdaMin,
                none.Trace,
                none.ForkTime,
                none.UpdateGrowth,
                none.TestAccuracy,
            },
            value => Assert.True(double.IsNaN(value))
        );
    }

    [Fact]
    public void The_table_of_groups_has_means_and_paired_differences_from_the_smallest_rate()
    {
        var data = Swept(
            Series(0.1, [0.7, 0.8, 0.9], Accuracy),
            Series(0.4, [0.71, 0.812, 0.914], Accuracy),
            [Diverged(0.8, 0), Accuracy(Cell(0.8, 1), 0.9), Accuracy(Cell(0.5, 2, reducedTo: 0.1), 0.95)]
        );
        var rows = GroupTable.Create(data).Where(row => row.Measure == "test accuracy").ToArray();
        Assert.Equal(
            [
                ("eta 0.1", false, 3, 0),
                ("eta 0.4", false, 3, 0),
                ("eta 0.8", false, 2, 1),
                ("eta 0.5 → 0.1", true, 1, 0),
            ],
            rows.Select(row => (row.Group, row.Fork, row.Cells, row.Diverged))
        );
        // 4.3027·0.1/√3 = 0.248 about 0.8, which would end at 1.048; on the logistic scale 1.477 ± 1.686 (0.8473,
        // 1.3863, 2.1972), back 0.448 to 0.959. The differences 0.01, 0.012, 0.014 are narrower by far: 0.00497.
        Assert.Equal(
            (0.8, 0.447, 1),
            (Math.Round(rows[0].Mean.Value, 12), Math.Round(rows[0].Mean.Low, 3), Math.Round(rows[0].Mean.High, 3))
        );
        Assert.True(rows[0] is { Difference: null, DifferenceBootstrap: null });
        Assert.Equal(
            (0.012, 0.00703, 0.01697, 3),
            (
                Math.Round(rows[1].Difference!.Value, 12),
                Math.Round(rows[1].Difference!.Low, 5),
                Math.Round(rows[1].Difference!.High, 5),
                rows[1].Difference!.Count
            )
        );
        // Of 27 resamples of 0.01, 0.012, 0.014 the lowest mean is 0.01, the next three 0.01 + 0.002/3: place 0.65.
        Assert.Equal(0.01 + 0.65 * 0.002 / 3, rows[1].DifferenceBootstrap!.Low, 1e-12);
        // The diverged cell is counted and left out; seed 1 is compared with seed 1, seed 2 with seed 2.
        Assert.Equal(
            (0.9, 1, 0.1),
            (rows[2].Mean.Value, rows[2].Mean.Count, Math.Round(rows[2].Difference!.Value, 12))
        );
        Assert.Equal(0.05, rows[3].Difference!.Value, 1e-12);
        Assert.Equal((GroupTable.Measures.Count + AfterReduction.Measures.Count) * 4, GroupTable.Create(data).Count);
        // no branch
        Assert.Equal(GroupTable.Measures.Count, GroupTable.Create(Swept(Series(0.1, [0.7, 0.8], Accuracy))).Count);
        Assert.Empty(GroupTable.Create(Swept()));
        Assert.All(
            GroupTable.Create(Swept([Diverged(0.8, 0)])),
            row => Assert.True(double.IsNaN(row.Mean.Value) && row.Difference is null && row.Mean.Count == 0)
        );
    }

    private static CellMeasures Accuracy(CellMeasures cell, double accuracy) => cell with { TestAccuracy = accuracy };

    /// <summary>
    /// The step whose smallest eigenvalue was sought and not found well enough: it counts in no mean.
    /// </summary>
    private const long NotConverged = 3;

    private static CurvatureRecord Curvature(
        long step,
        int burst,
        double sharpness,
        double lambdaMin,
        double? trace,
        double? flip = null,
        double? drift = null
    ) =>
        SampleRecords.Curvature(step, burst, sharpness) with
        {
            Threshold = 4,
            LambdaMin = lambdaMin,
            LambdaMinConverged = burst == 0 ? step != NotConverged : null,
            Products = 1,
            Trace = trace is { } value ? new TraceRecord(value, 0, 3) : null,
            Flip = Rotation(1, flip),
            Drift = Rotation(0, drift),
        };

    private static RotationRecord? Rotation(int lag, double? turned) =>
        turned is { } rotation
            ? new RotationRecord(lag, 1 - rotation, 0.9 - rotation, 1.1 - rotation, rotation, 0, [], [], [], [], [], [])
            : null;

    internal static SummaryRecord Summary(InstabilityRecord[] cycles) =>
        new()
        {
            Format = 1,
            Outcome = "stable",
            OutcomeRule = "",
            Steps = 7,
            Parameters = 1,
            Samples = 1,
            FinalLoss = 1,
            FinalAccuracy = 1,
            FinalTestAccuracy = null,
            BestTestAccuracy = null,
            EdgeUnits = 1,
            InitialSharpness = 10,
            PeakSharpness = 31,
            PeakStep = 6,
            FinalSharpness = 30,
            FinalThreshold = 4,
            Cycles = cycles,
            Flattening = null,
            Flip = null,
            DriftPerBounce = null,
            Drift = null,
            Resolve = null,
            Measurements = 6,
            Converged = 6,
            ProductsPerMeasurement = 1,
        };
}
