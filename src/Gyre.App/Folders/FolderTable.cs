using System.Globalization;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Statistics;
using Gyre.Torch;

namespace Gyre.App.Folders;

/// <summary>
/// Formats the rows of `gyre ls` as lines in plain columns, so that paths can be copied and other programs can cut
/// out columns. Pure.
/// </summary>
internal static class FolderTable
{
    private const string Gap = "  ";

    private static readonly string[] Heading = ["folder", "outcome", "eta", "progress", "sharpness", "test acc."];

    /// <summary>Returns a heading and one line per row; nothing if there are no rows.</summary>
    public static IEnumerable<string> Lines(IReadOnlyList<ListedFolder> rows)
    {
        if (rows.Count == 0)
            return [];
        string[][] cells = [Heading, .. rows.Select(Cells)];
        // A flaw's sentence follows its row's first columns and does not widen the others.
        var whole = cells.Where(row => row.Length == Heading.Length).ToArray();
        var widths = Heading.Select((_, column) => whole.Max(row => row[column].Length)).ToArray();
        widths[0] = cells.Max(row => row[0].Length);
        widths[1] = cells.Max(row => row[1].Length);
        return cells.Select(row =>
            string.Join(Gap, [.. row.SkipLast(1).Select((text, column) => text.PadRight(widths[column])), row[^1]])
        );
    }

    private static string[] Cells(ListedFolder row)
    {
        var folder = PlainText.Line(Called(row));
        var outcome = PlainText.Line(SnakeCase.Spaced(row.Outcome ?? row.Status));
        return row.Flaw is { } flaw
            ? [folder, outcome, PlainText.Line(flaw)]
            :
            [
                folder,
                outcome,
                Rate(row),
                Progress(row),
                NumberText.Format(row.Sharpness, 4),
                Percent.Format(row.TestAccuracy),
            ];
    }

    /// <summary>Returns the folder, with the name of its spec unless the folder's own name begins with it.</summary>
    private static string Called(ListedFolder row)
    {
        var folder = Path.GetFileName(Path.GetFullPath(row.Folder).TrimEnd(Path.DirectorySeparatorChar));
        return row.Kind == "cell" || folder.StartsWith(row.Name, StringComparison.Ordinal)
            ? row.Folder
            : $"{row.Folder} ({row.Name})";
    }

    private static string Rate(ListedFolder row) =>
        !double.IsFinite(row.LearningRate)
            ? "—"
            : NumberText.Range([row.LearningRate, row.LargestLearningRate ?? row.LearningRate]);

    private static string Progress(ListedFolder row)
    {
        var share = string.Create(CultureInfo.InvariantCulture, $"{row.Done}{(row.Total > 0 ? $"/{row.Total}" : "")}");
        return row.Kind == "sweep" ? $"{share} cells" : share;
    }
}
