using Spectre.Console;

namespace Gyre.App.Terminal;

/// <summary>Tables of the console, which all look alike.</summary>
internal static class SummaryTable
{
    /// <summary>Name, value and how to read it, a row each, without a heading.</summary>
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

    /// <summary>The same of rows that have a type of their own.</summary>
    public static Table From(IEnumerable<Lab.Reports.TableRow> rows) =>
        From(rows.Select(row => (row.Name, row.Value, row.Note)));

    /// <summary>The frame of every table, without columns.</summary>
    public static Table Empty() => new Table().RoundedBorder().BorderColor(Color.Grey);
}
