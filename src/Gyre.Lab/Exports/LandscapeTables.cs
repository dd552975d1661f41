using Gyre.Lab.RunFiles;

namespace Gyre.Lab.Exports;

/// <summary>The numbers behind the figures of `gyre landscape`, as CSV.</summary>
internal static class LandscapeTables
{
    /// <summary>Writes one file per line and plane, and iterates.csv, each whole or not at all.</summary>
    /// <param name="record">The landscape that was drawn.</param>
    /// <param name="points">Every evaluated loss.</param>
    /// <param name="folder">Target folder; created if missing.</param>
    /// <returns>Paths of the files.</returns>
    /// <exception cref="RunFolderException">The folder cannot be written.</exception>
    public static IReadOnlyList<string> Save(
        LandscapeRecord record,
        IReadOnlyList<LandscapePoint> points,
        string folder
    )
    {
        ArgumentNullException.ThrowIfNull(record);
        ArgumentNullException.ThrowIfNull(points);
        var tables = record.Grid.Slices.Select(slice => Losses(record, slice, points)).Append(Iterates(record));
        return [.. tables.Select(table => CsvFormat.File(table).Save(folder))];
    }

    /// <summary>
    /// One row per point: its coordinate along each direction, the loss, and, on a line, the quadratic model.
    /// </summary>
    private static Table Losses(LandscapeRecord record, LandscapeSlice slice, IReadOnlyList<LandscapePoint> points)
    {
        var model = slice.Axes.Count == 1;
        return new Table(
            slice.Name,
            [
                .. slice.Axes.Select(axis => new Column(axis.Direction, ColumnKind.Real)),
                new("loss", ColumnKind.Real),
                .. model ? new[] { new Column("quadratic", ColumnKind.Real) } : [],
            ],
            points
                .Where(point => point.Slice == slice.Name)
                .Select(point =>
                    slice
                        .Place(point.Number)
                        .Append(point.Loss)
                        .Concat(model ? [slice.Axes[0].Quadratic(record.Loss, slice.Place(point.Number)[0])] : [])
                        .Select(Finite)
                        .ToArray()
                )
        );
    }

    /// <summary>
    /// One row per iterate of a slice: slice, step, a and b (coordinates of its projection along the slice's axes),
    /// distance (off the slice), loss, shadow_loss.
    /// </summary>
    private static Table Iterates(LandscapeRecord record) =>
        new(
            "iterates",
            [
                new("slice", ColumnKind.Text),
                new("step", ColumnKind.Whole),
                new("a", ColumnKind.Real),
                new("b", ColumnKind.Real),
                new("distance", ColumnKind.Real),
                new("loss", ColumnKind.Real),
                new("shadow_loss", ColumnKind.Real),
            ],
            from slice in record.Grid.Slices
            from iterate in record.Iterates[slice.Name]
            select new object?[]
            {
                slice.Name,
                iterate.Step,
                iterate.Place[0],
                iterate.Place.Count > 1 ? iterate.Place[1] : null,
                Finite(iterate.Distance),
                Finite(iterate.Loss),
                Finite(iterate.ShadowLoss),
            }
        );

    private static object? Finite(double value) => double.IsFinite(value) ? value : null;
}
