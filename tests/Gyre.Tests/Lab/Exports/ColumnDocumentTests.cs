using System.Text.RegularExpressions;
using Gyre.Lab.Exports;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.Lab.Exports;

/// <summary>docs/formats.md against what `gyre export` writes: every column is documented, and every documented
/// column is written.</summary>
public sealed partial class ColumnDocumentTests : IDisposable
{
    private const string Columns = "### Columns\n";
    private const string Measures = "### Measures of a cell\n";

    private static readonly string Document = Path.Combine(Source.Root, "docs", "formats.md");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_columns_of_every_table_are_those_of_the_document_in_their_order()
    {
        var text = File.ReadAllText(Document);
        var expected = string.Concat(
            Tables()
                .Select(table =>
                    $"| `{table.Name}` | {string.Join(", ", Names(table).Select(name => $"`{name}`"))} |\n"
                )
        );
        var (before, section, after) = Part(text, Columns);
        var written = string.Concat(
            section
                .Split('\n')
                .Where(line => line.StartsWith("| `", StringComparison.Ordinal))
                .Select(line => line + "\n")
        );
        if (Environment.GetEnvironmentVariable("GYRE_WRITE_DOCS") == "1")
            File.WriteAllText(
                Document,
                before
                    + section
                        .Replace(written.Length > 0 ? written : "\0", "", StringComparison.Ordinal)
                        .Replace("| --- | --- |\n", "| --- | --- |\n" + expected, StringComparison.Ordinal)
                    + after
            );
        else
            Assert.Equal(expected, written);
    }

    [Fact]
    public void Every_measure_of_a_cell_has_a_meaning_and_every_meaning_a_measure()
    {
        var cells = Names(Tables().Single(table => table.Name == "cells"));
        var documented = Row()
            .Matches(Part(File.ReadAllText(Document), Measures).Section)
            .Select(match => match.Groups[1].Value);
        Assert.Equal(cells.SkipWhile(name => name != "status").Skip(1), documented);
    }

    /// <summary>Of a sweep: those of a run are among them, with the cell before.</summary>
    private IReadOnlyList<Table> Tables() =>
        ExportSource.Open(ExportFolders.Sweep(_folder["sweep"], [0.7, 0.72]).Path).Tables;

    /// <summary>The columns that every sweep has: its axes are its own, and "cell" is before all tables of
    /// runs.</summary>
    private static IEnumerable<string> Names(Table table) =>
        table
            .Columns.Select(column => column.Name)
            .Where(name => table.Name == "cells" ? !name.Contains('.', StringComparison.Ordinal) : name != "cell");

    /// <summary>A part of the document, from its heading to the next.</summary>
    private static (string Before, string Section, string After) Part(string text, string heading)
    {
        var from = text.IndexOf(heading, StringComparison.Ordinal) + heading.Length;
        Assert.True(from >= heading.Length, $"the document has no part \"{heading.Trim()}\"");
        var to = text.IndexOf("\n#", from, StringComparison.Ordinal) + 1;
        return (text[..from], text[from..to], text[to..]);
    }

    [GeneratedRegex(@"^\| `(\w+)` \|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
