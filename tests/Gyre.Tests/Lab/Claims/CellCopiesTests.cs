using Gyre.Lab.Claims;
using Gyre.Lab.RunFiles;
using static Gyre.Tests.Lab.Claims.SyntheticCells;

namespace Gyre.Tests.Lab.Claims;

/// <summary>Cells whose seed changed nothing are one cell.</summary>
public class CellCopiesTests
{
    private static readonly double[] Rates = [0.1, 0.2, 0.4];

    [Fact]
    public void Cells_of_a_group_that_trained_the_same_count_as_one()
    {
        var data = Swept(Grid(Rates, 3, (rate, _, cell) => cell with { Trajectory = $"r{rate}" }));

        Assert.Equal(6, data.Copies.Count);
        Assert.Equal("0.1--0", data.Copies["0.1--2"]);
        Assert.Equal((1, 3), (data.Seeds.Count, data.Cells.Count));
        Assert.True(data.Seedless);
        Assert.All(
            GroupTable.Create(data),
            row => Assert.True(double.IsNaN(row.Mean.Low) && double.IsNaN(row.Bootstrap.Low))
        );
        Assert.StartsWith("6 cells are copies", CellCopies.Sentence(data), StringComparison.Ordinal);
    }

    [Fact]
    public void No_verdict_stands_on_copies()
    {
        CellMeasures[] Grown(string? trajectory) =>
            Grid(
                Rates,
                3,
                (rate, seed, _) =>
                    Unstable(Rates[rate], seed) with
                    {
                        FlipUnstableLow = 0.5,
                        FinalSharpness = 10 - rate,
                        Trajectory = trajectory is null ? "" : $"{trajectory}{rate}",
                    }
            );
        Swept(Grown(null)).Decides("C1a", VerdictKind.Supported);
        Swept(Grown("r")).Decides("C1a", VerdictKind.Inconclusive);
        // Page's test over rates has one block of three left, so one of 3! orders; three blocks would be 1 of 216.
        Swept(Grown(null)).Decides("C2b", VerdictKind.Supported);
        Swept(Grown("r")).Decides("C2b", VerdictKind.Inconclusive, "final sharpness shows no trend (p = 0.17)");
    }

    [Fact]
    public void Equal_trainings_of_other_groups_and_of_unknown_steps_are_no_copies()
    {
        Assert.Empty(Swept(Grid(Rates, 1, (_, _, cell) => cell with { Trajectory = "same" })).Copies);
        Assert.Empty(Swept(Grid(Rates, 3, (_, _, cell) => cell)).Copies);
    }

    [Fact]
    public void A_training_is_told_by_every_number_of_its_steps()
    {
        StepRecord Step(long step, double loss) => new(step, loss, 0.5, 1, 0.1);
        string Of(params StepRecord[] steps) =>
            CellMeasures.FromRecords(Cell(0.1, 0).Cell, ClaimDataTests.Summary([]), steps, []).Trajectory;
        var one = Of(Step(0, 1), Step(1, 0.5));

        Assert.Equal(one, Of(Step(0, 1), Step(1, 0.5)));
        Assert.NotEqual(one, Of(Step(0, 1), Step(1, Math.BitIncrement(0.5))));
        Assert.NotEqual(one, Of(Step(0, 1)));
        Assert.NotEqual(one, Of(Step(0, 1), Step(1, 0.5) with { TestAccuracy = 0.5 }));
    }
}
