using System.Globalization;
using Gyre.App.Sweeps;
using Gyre.Lab.Reports;
using Gyre.Lab.Statistics;
using Gyre.Torch;

namespace Gyre.App.Folders;

/// <summary>Rows of `gyre ls` as lines: plain columns, so that a path can be copied and another program can cut them. Pure.</summary>
internal static class FolderTable
{
    private const string Gap = "  ";

    private static readonly string[] Heading = ["folder", "outcome", "eta", "progress", "sharpness", "test acc."];

    /// <summary>A heading and a line a row; none of no rows.</summary>
    public static IEnumerable<string> Lines(IReadOnlyList<ListedFolder> rows)
    {
        if (rows.Count == 0)
            return [];
        string[][] cells = [Heading, .. rows.Select(Cells)];
        // A sentence on what is wrong stands alone behind its row's first columns, and makes none of the others wider.
        var widths = Heading.Select((_, column) => cells.Where(row => row.Length > column && row.Length != Flawed).Max(row => row[column].Length)).ToArray();
        widths[0] = cells.Max(row => row[0].Length);
        widths[1] = cells.Max(row => row[1].Length);
        return cells.Select(row => string.Join(Gap, row.Select((text, column) => column == row.Length - 1 ? text : text.PadRight(widths[column]))));
    }

    /// <summary>Columns of a row that says what is wrong.</summary>
    private const int Flawed = 3;

    private static string[] Cells(ListedFolder row)
    {
        var folder = PlainText.Line(Called(row));
        var outcome = PlainText.Line((row.Outcome ?? row.Status).Replace('_', ' '));
        return row.Flaw is { } flaw
            ? [folder, outcome, PlainText.Line(flaw)]
            : [folder, outcome, Rate(row), Progress(row), RunTable.Text(row.Sharpness, 4), Percent.Of(row.TestAccuracy)];
    }

    /// <summary>With the name of its spec where the folder's own does not begin with it.</summary>
    private static string Called(ListedFolder row) => Path.GetFileName(Path.GetFullPath(row.Folder)).StartsWith(row.Name, StringComparison.Ordinal) || row.Kind == "cell"
        ? row.Folder
        : $"{row.Folder} ({row.Name})";

    private static string Rate(ListedFolder row) => !double.IsFinite(row.LearningRate) ? "—"
        : PlanTable.Range([row.LearningRate, row.LargestLearningRate ?? row.LearningRate]);

    private static string Progress(ListedFolder row)
    {
        var share = row.Total > 0 ? string.Create(CultureInfo.InvariantCulture, $"{row.Done}/{row.Total}") : string.Create(CultureInfo.InvariantCulture, $"{row.Done}");
        return row.Kind == "sweep" ? $"{share} cells" : share;
    }
}
