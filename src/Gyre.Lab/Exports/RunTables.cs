using Gyre.Lab.Quantities;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Statistics;

namespace Gyre.Lab.Exports;

/// <summary>
/// The tables of a run, one catalog entry per table. Their columns are described in docs/formats.md.
/// </summary>
internal static class RunTables
{
    private static readonly (string Name, Func<string, RunReader, Table> LayOut)[] Catalog =
    [
        ("steps", Steps),
        ("curvature", (name, run) => Table.Create(name, run.EachCurvature())),
        ("eigenpairs", (name, run) => Table.Create(name, run.EachCurvature().SelectMany(Eigenpairs))),
        ("layer_shares", (name, run) => Table.Create(name, run.EachCurvature().SelectMany(LayerShares))),
        ("rotations", (name, run) => Table.Create(name, run.EachCurvature().SelectMany(Rotations))),
        ("similarities", (name, run) => Table.Create(name, run.EachCurvature().SelectMany(Similarities))),
        (
            "self_stabilisation",
            (name, run) =>
                Table.Create(
                    name,
                    run.EachCurvature().Where(measured => measured.SelfStabilisation is not null).Select(Stabilization)
                )
        ),
        ("events", (name, run) => Table.Create(name, run.EachEvent())),
        ("cycles", (name, run) => Table.Create(name, Once(() => run.ReadSummary()?.Cycles ?? []))),
        ("timings", (name, run) => Table.Create(name, run.EachTiming())),
        (
            "summary",
            (name, run) =>
                Table.Create(
                    name,
                    Once(() => run.ReadSummary() is { } summary ? [summary] : Array.Empty<SummaryRecord>())
                )
        ),
    ];

    /// <summary>Returns every table of a run, finished or not.</summary>
    public static IReadOnlyList<Table> Create(RunReader run) =>
        [.. Catalog.Select(table => table.LayOut(table.Name, run))];

    /// <summary>
    /// Returns the same tables for several runs, each row with its cell; empty if there are no runs.
    /// </summary>
    public static IReadOnlyList<Table> Create(IReadOnlyList<(string Cell, RunReader Run)> runs) =>
        runs.Count == 0
            ? []
            :
            [
                .. Catalog.Select(table =>
                    Table.Joined("cell", [.. runs.Select(one => (one.Cell, table.LayOut(table.Name, one.Run)))])
                ),
            ];

    private static Table Steps(string name, RunReader run) =>
        Table.Create(
            name,
            InTime(run.EachStep()),
            [
                .. RecordFields.Get<TimedStep, StepRecord>(row => row.State),
                RecordFields.Real<TimedStep>("time", row => row.Time),
            ]
        );

    /// <summary>Adds the training time of each step: the sum of the learning rates before it.</summary>
    private static IEnumerable<TimedStep> InTime(IEnumerable<StepRecord> steps)
    {
        var clock = new TrainingClock();
        foreach (var step in steps)
            yield return new TimedStep(step, clock.Next(step.Step, step.LearningRate));
    }

    private static IEnumerable<EigenpairRow> Eigenpairs(CurvatureRecord measured) =>
        measured.Eigenvalues.Select(
            (eigenvalue, rank) =>
                new EigenpairRow(
                    measured.Step,
                    measured.Burst,
                    rank,
                    eigenvalue,
                    At(measured.Residuals, rank),
                    At(measured.Gaps, rank),
                    rank < measured.AngleErrorsDegrees.Length ? measured.AngleErrorsDegrees[rank] : null,
                    At(measured.ParticipationRatios, rank)
                )
        );

    private static IEnumerable<LayerShareRow> LayerShares(CurvatureRecord measured) =>
        from layer in measured.LayerShares
        from share in layer.Value.Select((value, rank) => (Value: value, Rank: rank))
        select new LayerShareRow(measured.Step, measured.Burst, share.Rank, layer.Key, share.Value);

    private static IEnumerable<RotationRow> Rotations(CurvatureRecord measured) =>
        QuantityCatalog
            .Turned(measured)
            .Select(turned => new RotationRow(
                measured.Step,
                measured.Burst,
                turned.Kind.Name,
                turned.Rotation.Lag,
                turned.Rotation.Overlap,
                turned.Rotation.OverlapLow,
                turned.Rotation.OverlapHigh,
                turned.Rotation.Rotation,
                turned.Rotation.Chance
            ));

    private static IEnumerable<SimilarityRow> Similarities(CurvatureRecord measured) =>
        from turned in QuantityCatalog.Turned(measured)
        let of = turned.Rotation
        from rank in Enumerable.Range(0, of.Similarity.Length)
        select new SimilarityRow(
            measured.Step,
            measured.Burst,
            turned.Kind.Name,
            of.Lag,
            rank,
            of.Similarity[rank],
            At(of.SimilarityLow, rank),
            At(of.SimilarityHigh, rank),
            At(of.Matched, rank),
            rank < of.Match.Length ? of.Match[rank] : null,
            At(of.Polarity, rank)
        );

    private static StabilizationRow Stabilization(CurvatureRecord measured) =>
        measured.SelfStabilisation is { } found
            ? new StabilizationRow(
                measured.Step,
                measured.Burst,
                found.Displacement,
                found.Distance,
                found.Descent,
                found.Alpha,
                found.Beta,
                found.Drive
            )
            : throw new ArgumentException("It was not measured.", nameof(measured));

    private static double At(double[] values, int rank) => rank < values.Length ? values[rank] : double.NaN;

    /// <summary>Defers reading until the rows are enumerated.</summary>
    private static IEnumerable<T> Once<T>(Func<IEnumerable<T>> read)
    {
        foreach (var row in read())
            yield return row;
    }

    private sealed record TimedStep(StepRecord State, double Time);

    private sealed record EigenpairRow(
        long Step,
        int Burst,
        int Rank,
        double Eigenvalue,
        double Residual,
        double Gap,
        double? AngleErrorDegrees,
        double ParticipationRatio
    );

    private sealed record LayerShareRow(long Step, int Burst, int Rank, string Tensor, double Share);

    private sealed record RotationRow(
        long Step,
        int Burst,
        string Kind,
        int Lag,
        double Overlap,
        double OverlapLow,
        double OverlapHigh,
        double Rotation,
        double Chance
    );

    private sealed record StabilizationRow(
        long Step,
        int Burst,
        double Displacement,
        double Distance,
        double Descent,
        double Alpha,
        double Beta,
        double Drive
    );

    private sealed record SimilarityRow(
        long Step,
        int Burst,
        string Kind,
        int Lag,
        int Rank,
        double Similarity,
        double SimilarityLow,
        double SimilarityHigh,
        double Matched,
        int? Match,
        double Polarity
    );
}
