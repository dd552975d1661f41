using Spectre.Console;

namespace Gyre.App.Terminal;

/// <summary>Creates the tables of the console in a common style.</summary>
internal static class SummaryTable
{
    /// <summary>Returns a table without a heading and with one row each for name, value and how to read it.</summary>
    public static Table From(IEnumerable<(string Name, string Value, string Note)> rows)
    {
        var table = Empty().HideHeaders().AddColumn(new TableColumn("").NoWrap()).AddColumn("").AddColumn("");
        foreach (var row in rows)
            table.AddRow(
                $"[bold]{TableText.Escape(row.Name)}[/]",
                TableText.Escape(row.Value),
                $"[grey]{TableText.Escape(row.Note)}[/]"
            );
        return table;
    }

    /// <summary>Returns the same table for rows of their own type.</summary>
    public static Table From(IEnumerable<Lab.Reports.TableRow> rows) =>
        From(rows.Select(row => (row.Name, row.Value, row.Note)));

    /// <summary>Returns the frame of every table, without columns.</summary>
    public static Table Empty() => new Table().RoundedBorder().BorderColor(Color.Grey);
}
