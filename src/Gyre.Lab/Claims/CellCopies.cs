namespace Gyre.Lab.Claims;

/// <summary>
/// Cells that differ by seed and trained identically, step by step. The seed changes nothing there, so they count as
/// one cell and add no spread.
/// </summary>
internal static class CellCopies
{
    private const string Alone =
        "The seed makes no difference here: start, samples and order are the same for every seed, "
        + "so there is one cell per setting and no error bar over seeds.";

    /// <summary>
    /// Maps the folder of each copy to the folder of the cell that it copies, which is the one with the lowest seed
    /// in its group.
    /// </summary>
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

    /// <summary>Returns a sentence about the copies; null if there is nothing to report.</summary>
    public static string? Sentence(ClaimData data)
    {
        ArgumentNullException.ThrowIfNull(data);
        if (data.Copies.Count == 0)
            return data.Seedless ? Alone : null;
        var one = data.Copies.Count == 1;
        var what = one ? "1 cell is a copy" : FormattableString.Invariant($"{data.Copies.Count} cells are copies");
        return $"{what} of another seed's: {(one ? "it" : "they")} trained identically, step by step, so the seed "
            + "makes no difference there. "
            + "Copies are left out of every mean, interval and verdict.";
    }
}
