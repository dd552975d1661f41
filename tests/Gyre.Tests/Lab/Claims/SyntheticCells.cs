using Gyre.Lab.Claims;
using Gyre.Lab.RunFiles;

namespace Gyre.Tests.Lab.Claims;

/// <summary>Finished cells made in memory: a stable one, for tests to change.</summary>
internal static class SyntheticCells
{
    public static CellMeasures Cell(double rate, int seed, double? reducedTo = null) =>
        new()
        {
            Cell = new SweepCellRecord(
                FormattableString.Invariant($"{rate}-{reducedTo}-{seed}"),
                reducedTo is null
                    ? FormattableString.Invariant($"eta {rate}")
                    : FormattableString.Invariant($"eta {rate} → {reducedTo}"),
                seed,
                rate,
                double.NaN,
                new Dictionary<string, string>(),
                reducedTo is null ? null : "parent",
                reducedTo is null ? null : 10,
                reducedTo
            ),
            Outcome = "stable",
            Cycles = 0,
            TestAccuracy = 0.8,
            TrainAccuracy = 1,
            FinalSharpness = 10,
            PeakSharpness = 20,
            MeanSharpness = 15,
            Flip = 0.02,
            FlipUnstableLow = double.NaN,
            DriftPerBounce = 0.01,
            Drift = 0.1,
            CumulativeRotation = 1,
            Baseline = 0.001,
            BaselineHigh = 0.01,
            PeaksTau = double.NaN,
            LambdaMin = -1,
            Trace = 100,
            SharpnessInTime = [],
            ForkTime = double.NaN,
        };

    public static CellMeasures Unstable(double rate, int seed) =>
        Cell(rate, seed) with
        {
            Outcome = "edge_of_stability",
            Cycles = 1,
            Resolved = 1,
            FlipUnstableLow = 0.5,
        };

    public static CellMeasures Diverged(double rate, int seed) =>
        Cell(rate, seed) with
        {
            Outcome = "diverged",
            Cycles = 1,
            TestAccuracy = 0.1,
            UpdateGrowth = double.PositiveInfinity,
        };

    /// <summary>A cell a rate and seed, seeds 0, 1, ...</summary>
    public static CellMeasures[] Grid(double[] rates, int seeds, Func<int, int, CellMeasures, CellMeasures> change) =>
        [
            .. Enumerable
                .Range(0, seeds)
                .SelectMany(seed => rates.Select((rate, i) => change(i, seed, Cell(rate, seed)))),
        ];

    /// <summary>One group, a cell a value.</summary>
    public static CellMeasures[] Series(
        double rate,
        double[] values,
        Func<CellMeasures, double, CellMeasures> change
    ) => [.. values.Select((value, seed) => change(Cell(rate, seed), value))];

    public static ClaimData Swept(params IEnumerable<CellMeasures>[] cells) =>
        new([.. cells.SelectMany(some => some)], ["training.learning_rate"]);

    public static Verdict Part(this ClaimData data, string part) =>
        ClaimCatalog.Decide(data).Single(verdict => verdict.Claim == part);

    public static void Decides(this ClaimData data, string part, VerdictKind kind, string? reason = null)
    {
        var found = data.Part(part);
        Assert.True(kind == found.Kind, $"{found.Name}: {found.Reason}");
        if (reason is not null)
            Assert.Equal(reason, found.Reason);
    }

    /// <summary>A part that the sweep cannot judge: inconclusive, no number, and the reason.</summary>
    public static void Lacks(this ClaimData data, string part, string reason)
    {
        var found = data.Part(part);
        Assert.Equal((VerdictKind.Inconclusive, reason, 0), (found.Kind, found.Reason, found.Evidence.Count));
    }
}
