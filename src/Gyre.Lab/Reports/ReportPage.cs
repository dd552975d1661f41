using System.Text.Encodings.Web;
using System.Text.Unicode;
using Fluid;
using Gyre.Lab.Claims;
using Gyre.Lab.Figures;
using Gyre.Torch;
using Markdig;
using Markdig.Syntax;

namespace Gyre.Lab.Reports;

/// <summary>A table cell: the first line is large, the others are small.</summary>
internal sealed record CellView(IReadOnlyList<string> Lines)
{
    public static implicit operator CellView(string line) => new([line]);
}

/// <summary>A table with a note below it.</summary>
internal sealed record TableView(
    IReadOnlyList<string> Heads,
    IReadOnlyList<IReadOnlyList<CellView>> Rows,
    string Note = ""
);

/// <summary>A row of the table of verdicts.</summary>
internal sealed record ClaimView(
    string Number,
    string Statement,
    bool Whole,
    string Style,
    string Sign,
    string Word,
    string Reason,
    string Rule,
    IReadOnlyList<string> Evidence
);

/// <summary>A figure embedded in the page.</summary>
internal sealed record FigureView(string Name, string Caption, string Svg)
{
    /// <summary>
    /// Prefixes the ids inside the picture with the figure's name, since several pictures share one page.
    /// </summary>
    public static FigureView Create(string name, string caption, byte[] svg) =>
        new(
            name,
            caption,
            System
                .Text.Encoding.UTF8.GetString(svg)
                .Replace(" id=\"", $" id=\"{name}-", StringComparison.Ordinal)
                .Replace("href=\"#", $"href=\"#{name}-", StringComparison.Ordinal)
                .Replace("url(#", $"url(#{name}-", StringComparison.Ordinal)
        );
}

/// <summary>The content of a sweep's report page, in words; the template lays it out and escapes it.</summary>
internal sealed record ReportPage(
    string Title,
    string Summary,
    string Unfinished,
    IReadOnlyList<ClaimView> Claims,
    IReadOnlyList<string> Signatures,
    TableView Groups,
    TableView Ladders,
    IReadOnlyList<FigureView> Figures,
    TableView Correlations,
    string Command,
    string Again,
    TableView Versions,
    string Settings,
    string Resolved,
    string ResolvedOf,
    TableView Cells,
    string Theory
)
{
    private static readonly Lazy<IFluidTemplate> Template = new(() =>
        new FluidParser(new FluidParserOptions { AllowFunctions = true }).Parse(Resource("sweep.liquid"))
    );
    private static readonly Lazy<string> Definitions = new(DefinitionsOf);

    public static ReportPage Create(SweepReportData data, SweepSettings settings, IReadOnlyList<FigureView> figures)
    {
        var verdicts = data.Finished.Count == 0 ? [] : ClaimCatalog.Decide(data.Claims);
        return new ReportPage(
            ReportText.Title(data),
            ReportText.Summary(data, verdicts),
            ReportText.Unfinished(data),
            [.. verdicts.Select(ReportText.Claim)],
            Gyre.Lab.Claims.Signatures.Create(data.Claims, verdicts),
            ReportTables.Groups(data),
            LadderTable.Create(data.Claims),
            figures,
            ReportTables.Correlations(data.Correlations),
            SweepSettings.Command(data.Plan),
            ReportText.ReproductionCommand(data.Plan),
            ReportTables.Versions(data.Plan, settings.Environments),
            settings.Text,
            settings.Resolved,
            settings.ResolvedOf,
            ReportTables.Cells(data),
            Definitions.Value
        );
    }

    /// <summary>
    /// Renders the page. Invisible characters are spelled out in every value. Every value is escaped except the
    /// figures and the definitions, which are the program's own.
    /// </summary>
    public string ToHtml()
    {
        var options = new TemplateOptions
        {
            MemberAccessStrategy = { MemberNameStrategy = MemberNameStrategies.SnakeCase },
        };
        foreach (
            var type in (Type[])
                [typeof(ReportPage), typeof(CellView), typeof(TableView), typeof(ClaimView), typeof(FigureView)]
        )
            options.MemberAccessStrategy.Register(type);
        options.ValueConverters.Add(value => value is string text ? PlainText.Escape(text) : null);
        var context = new TemplateContext(this, options);
        return Template.Value.Render(context, HtmlEncoder.Create(UnicodeRanges.All));
    }

    /// <summary>
    /// Renders the first part of docs/theory.md, words and rules, as HTML, with its headings below those of the page.
    /// The later parts, which also have first-level headings, are removed.
    /// </summary>
    private static string DefinitionsOf()
    {
        var pipeline = new MarkdownPipelineBuilder().UsePipeTables().DisableHtml().Build();
        var document = Markdown.Parse(Resource("theory.md"), pipeline);
        foreach (
            var later in document
                .SkipWhile(block => block == document[0] || block is not HeadingBlock { Level: 1 })
                .ToArray()
        )
            document.Remove(later);
        foreach (var heading in document.Descendants<HeadingBlock>())
            heading.Level = Math.Min(6, heading.Level + 2);
        return document
            .ToHtml(pipeline)
            .Replace("<table>", "<div class=\"scroll\"><table>", StringComparison.Ordinal)
            .Replace("</table>", "</table></div>", StringComparison.Ordinal);
    }

    private static string Resource(string name)
    {
        using var stream =
            typeof(ReportPage).Assembly.GetManifestResourceStream($"Gyre.Lab.Reports.{name}")
            ?? throw new InvalidOperationException($"The program was built without {name}.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
