using Gyre.Lab.Claims;

namespace Gyre.Tests.Lab.Claims;

/// <summary>The open questions on cells whose answer is built in.</summary>
public class QuestionTests
{
    private static readonly double[] Noise = [0.3, -0.2, 0.1, -0.25, 0.05];

    private static CellMeasures Cell(
        string axis,
        string value,
        int seed,
        Func<CellMeasures, CellMeasures> change,
        double rate = 0.1
    )
    {
        var cell = SyntheticCells.Cell(rate, seed);
        return change(
            cell with
            {
                Cell = cell.Cell with
                {
                    Folder = $"{value}-{rate}-{seed}",
                    Group = $"{rate} · {value}",
                    Values = new Dictionary<string, string> { [axis] = value, ["training.learning_rate"] = $"{rate}" },
                },
            }
        );
    }

    private static IEnumerable<CellMeasures> Seeds(
        string axis,
        string value,
        Func<CellMeasures, double, CellMeasures> change,
        double rate = 0.1
    ) => Noise.Select((noise, seed) => Cell(axis, value, seed, cell => change(cell, noise), rate));

    private static IReadOnlyList<Verdict> Decided(string axis, params IEnumerable<CellMeasures>[] cells) =>
        ClaimCatalog.Decide(new ClaimData([.. cells.SelectMany(some => some)], ["training.learning_rate", axis]));

    private static VerdictKind Kind(IReadOnlyList<Verdict> verdicts, string part) =>
        verdicts.Single(verdict => verdict.Claim == part).Kind;

    [Theory]
    [InlineData(-0.5, 5, nameof(VerdictKind.Supported), nameof(VerdictKind.Supported))]
    [InlineData(-0.5, -5, nameof(VerdictKind.Supported), nameof(VerdictKind.Opposite))]
    [InlineData(0.5, 5, nameof(VerdictKind.Opposite), nameof(VerdictKind.Supported))]
    [InlineData(0, 0, nameof(VerdictKind.Inconclusive), nameof(VerdictKind.Inconclusive))]
    public void Frozen_cells_are_compared_with_free_ones_of_the_same_seed(
        double drift,
        double sharpness,
        string drifting,
        string sharpening
    )
    {
        var (turns, sharper) = (Enum.Parse<VerdictKind>(drifting), Enum.Parse<VerdictKind>(sharpening));
        const string Axis = "intervention.name";
        // The seeds differ by far more than the effect: only pairs can see it.
        var free = Seeds(
            Axis,
            "\"none\"",
            (cell, noise) => cell with { Drift = 10 * noise, FinalSharpness = 100 * noise, TestAccuracy = noise }
        );
        var frozen = Seeds(
            Axis,
            "\"freeze-rotation\"",
            (cell, noise) =>
                cell with
                {
                    Drift = 10 * noise + drift + 0.1 * noise,
                    FinalSharpness = 100 * noise + sharpness + noise,
                    TestAccuracy = noise + 0.01 * noise,
                }
        );
        var shorter = Seeds(Axis, "\"shorter-step\"", (cell, noise) => cell with { FinalSharpness = 100 * noise });
        var verdicts = Decided(Axis, free, frozen, shorter);
        Assert.Equal(sharper, Kind(verdicts, "Q1d"));
        Assert.Equal((turns, sharper), (Kind(verdicts, "Q1a"), Kind(verdicts, "Q1b")));
        var whole = (turns, sharper) switch
        {
            (VerdictKind.Supported, VerdictKind.Supported) => VerdictKind.Supported,
            (VerdictKind.Opposite, _) or (_, VerdictKind.Opposite) => VerdictKind.NotSupported,
            _ => VerdictKind.Inconclusive,
        };
        Assert.Equal(whole, Kind(verdicts, "Q1"));
        Assert.Equal(drift, verdicts.Single(verdict => verdict.Claim == "Q1a").Evidence[0].Value, 1e-12);
    }

    [Fact]
    public void Without_a_frozen_group_the_question_stays_open()
    {
        const string Axis = "intervention.name";
        var verdicts = Decided(
            Axis,
            Seeds(Axis, "\"none\"", (cell, _) => cell),
            Seeds(Axis, "\"bulk-only\"", (cell, _) => cell)
        );
        Assert.Equal(VerdictKind.Inconclusive, Kind(verdicts, "Q1"));
    }

    /// <summary>
    /// The common loss is 0.2, the least of the run that gets least far: gd passes it at sharpness 10, adam at 30
    /// although it ends at 5.
    /// </summary>
    [Fact]
    public void Alternatives_are_compared_where_they_first_reach_the_loss_that_all_reach()
    {
        const string Axis = "optimizer.name";
        CellMeasures With(CellMeasures cell, double noise, params (double Loss, double Sharpness)[] moments) =>
            cell with
            {
                Moments = [.. moments.Select(moment => (moment.Loss, moment.Sharpness + noise, 0.8 + 0.001 * noise))],
            };
        var verdicts = Decided(
            Axis,
            Seeds(Axis, "\"gd\"", (cell, noise) => With(cell, noise, (1, 50), (0.15, 10), (0.01, 40))),
            Seeds(Axis, "\"adam\"", (cell, noise) => With(cell, noise / 2, (1, 50), (0.2, 30))),
            Seeds(Axis, "\"sam\"", (cell, noise) => With(cell, -noise, (0.5, 50), (0.19, 4), (0.1, 90)))
        );
        Assert.Equal(VerdictKind.Supported, Kind(verdicts, "Q2 flatness, 0.1 · \"adam\""));
        Assert.Equal(VerdictKind.Opposite, Kind(verdicts, "Q2 flatness, 0.1 · \"sam\""));
        Assert.Equal(
            20,
            verdicts.Single(verdict => verdict.Claim == "Q2 flatness, 0.1 · \"adam\"").Evidence[0].Value,
            1e-9
        );
        Assert.Contains("0.2 or less", verdicts[0].Rule, StringComparison.Ordinal);
    }

    [Fact]
    public void Claims_are_decided_for_each_batch_size_alone()
    {
        const string Axis = "optimizer.batch";
        double[] rates = [0.1, 0.2, 0.4];
        var cells = rates.SelectMany(rate =>
            new[] { "32", "128" }.SelectMany(batch =>
                Seeds(
                    Axis,
                    batch,
                    (cell, noise) => cell with { FinalSharpness = (batch == "32" ? 1 / rate : rate) + 0.001 * noise },
                    rate
                )
            )
        );
        var verdicts = Decided(Axis, cells);
        VerdictKind Flattening(string batch) =>
            verdicts
                .Single(verdict =>
                    verdict.Claim == "C2b"
                    && verdict.Statement.StartsWith($"batches of {batch}:", StringComparison.Ordinal)
                )
                .Kind;
        Assert.Equal((VerdictKind.Supported, VerdictKind.Opposite), (Flattening("32"), Flattening("128")));
    }

    [Fact]
    public void A_longer_run_is_compared_with_the_shorter_of_the_same_rate_and_seed()
    {
        const string Axis = "training.time";
        var verdicts = Decided(
            Axis,
            Seeds(Axis, "500.0", (cell, noise) => cell with { FinalSharpness = 20 + 10 * noise }),
            Seeds(Axis, "50.0", (cell, noise) => cell with { FinalSharpness = 25 + 10.5 * noise })
        );
        Assert.Equal(VerdictKind.Supported, Assert.Single(verdicts).Kind);
        Assert.InRange(verdicts[0].Evidence[0].Value, -5.1, -4.9);
    }

    [Fact]
    public void A_rate_that_follows_is_held_against_the_constant_one_and_the_reduced()
    {
        const string Axis = "training.edge_rate";
        var forks = Seeds(
                Axis,
                "0",
                (cell, noise) => cell with { TestAccuracy = 0.9 + noise, FinalSharpness = 3 + noise }
            )
            .Select(cell =>
                cell with
                {
                    Cell = cell.Cell with { Group = "reduced", Parent = "parent", ForkStep = 3, ReducedTo = 0.01 },
                }
            );
        var verdicts = Decided(
            Axis,
            Seeds(Axis, "0", (cell, noise) => cell with { TestAccuracy = 0.7 + noise, FinalSharpness = 9 + noise }),
            Seeds(
                Axis,
                "1.1",
                (cell, noise) => cell with { TestAccuracy = 0.8 + 1.01 * noise, FinalSharpness = 5 + 1.01 * noise }
            ),
            forks
        );
        Assert.Equal(4, verdicts.Count);
        // accuracy: over the constant rate, under the reduced
        Assert.Equal((VerdictKind.Supported, VerdictKind.Opposite), (verdicts[0].Kind, verdicts[2].Kind));
        Assert.Equal((VerdictKind.Supported, VerdictKind.Opposite), (verdicts[1].Kind, verdicts[3].Kind)); // flatness
    }

    [Fact]
    public void A_sweep_over_anything_else_asks_no_question() =>
        Assert.Contains(
            "model.depth",
            Kinds("model.depth").Single(verdict => verdict.Claim == "C1").Reason,
            StringComparison.Ordinal
        );

    private static IReadOnlyList<Verdict> Kinds(string axis) => Decided(axis, Seeds(axis, "2", (cell, _) => cell));
}
