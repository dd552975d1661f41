namespace Gyre.Lab.Claims;

/// <summary>Cells that differ by seed and trained the same step by step: the seed changes nothing there, so they are
/// one cell and no spread.</summary>
internal static class CellCopies
{
    private const string Alone =
        "The seed changes nothing here: start, samples and order are the same for every seed, "
        + "so one cell a setting is all there is, without an error bar over seeds.";

    /// <summary>Folder of each copy, and of the cell of its group and lowest seed that it is a copy of.</summary>
    public static IReadOnlyDictionary<string, string> Find(IEnumerable<CellMeasures> cells) =>
        (
            from cell in cells
            where cell.Trajectory.Length > 0
            group cell by (cell.Cell.Group, cell.Trajectory) into same
            let first = same.MinBy(cell => cell.Cell.Seed)!
            from copy in same
            where copy.Cell.Seed != first.Cell.Seed
            select (Copy: copy.Cell.Folder, First: first.Cell.Folder)
        ).ToDictionary(pair => pair.Copy, pair => pair.First);

    /// <summary>A sentence about them; null where there are none.</summary>
    public static string? Sentence(ClaimData data)
    {
        ArgumentNullException.ThrowIfNull(data);
        if (data.Copies.Count == 0)
            return data.Seedless ? Alone : null;
        var one = data.Copies.Count == 1;
        var what = one ? "1 cell is a copy" : FormattableString.Invariant($"{data.Copies.Count} cells are copies");
        return $"{what} of another seed's: {(one ? "it" : "they")} trained the same, step by step, so the seed "
            + "changes nothing there. "
            + "Copies are left out of every mean, interval and verdict.";
    }
}
