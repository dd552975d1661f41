using Gyre.Lab.Theory;

namespace Gyre.Lab.Exports;

/// <summary>The numbers behind the figures of `gyre theory`, as CSV.</summary>
internal static class TheoryTables
{
    /// <summary>Writes trajectory.csv and, if there is a map, map.csv, each whole or not at all.</summary>
    /// <returns>Paths of the files.</returns>
    /// <exception cref="RunFiles.RunFolderException">The folder cannot be written.</exception>
    public static IReadOnlyList<string> Save(ExactStudy study, string folder)
    {
        ArgumentNullException.ThrowIfNull(study);
        Table[] tables = study.Map is null ? [Trajectory(study.Descent)] : [Trajectory(study.Descent), Map(study.Map)];
        return [.. tables.Select(table => CsvFormat.File(table).Save(folder))];
    }

    /// <summary>
    /// One row per step: step, loss, sharpness, flip, drift_per_bounce, eigenvalue_i (largest first), theta_j and
    /// v1_j (layer by layer).
    /// </summary>
    internal static Table Trajectory(ExactDescent descent)
    {
        var n = descent.Network.Dimension;
        IEnumerable<Column> Numbered(string name, int first) =>
            Enumerable.Range(first, n).Select(j => new Column($"{name}_{j}", ColumnKind.Real));
        return new Table(
            "trajectory",
            [
                new("step", ColumnKind.Whole),
                new("loss", ColumnKind.Real),
                new("sharpness", ColumnKind.Real),
                new("flip", ColumnKind.Real),
                new("drift_per_bounce", ColumnKind.Real),
                .. Numbered("eigenvalue", 1),
                .. Numbered("theta", 0),
                .. Numbered("v1", 0),
            ],
            descent.Points.Select(
                object?[] (point) =>
                    [
                        point.Step,
                        .. new[] { point.Loss, point.Sharpness, point.Flip, point.DriftPerBounce }
                            .Concat(point.Pairs.Select(pair => pair.Value))
                            .Concat(point.Theta)
                            .Concat(point.Pairs[0].Vector)
                            .Select(Finite),
                    ]
            )
        );
    }

    /// <summary>One row per starting point: imbalance, learning_rate, outcome, final_sharpness.</summary>
    internal static Table Map(OutcomeMap map) =>
        new(
            "map",
            [
                new("imbalance", ColumnKind.Real),
                new("learning_rate", ColumnKind.Real),
                new("outcome", ColumnKind.Text),
                new("final_sharpness", ColumnKind.Real),
            ],
            from row in Enumerable.Range(0, map.LearningRates.Count)
            from column in Enumerable.Range(0, map.Imbalances.Count)
            select new object?[]
            {
                map.Imbalances[column],
                map.LearningRates[row],
                Name(map.Outcomes[row, column]),
                Finite(map.FinalSharpness[row, column]),
            }
        );

    private static string Name(ExactOutcome outcome) =>
        outcome == ExactOutcome.PeriodTwo ? "period_two" : outcome.ToString().ToLowerInvariant();

    private static object? Finite(double value) => double.IsFinite(value) ? value : null;
}
