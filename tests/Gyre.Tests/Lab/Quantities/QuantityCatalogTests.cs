using System.Text.RegularExpressions;
using Gyre.Lab.Figures;
using Gyre.Lab.Quantities;
using Gyre.Tests.Lab.Reports;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.Lab.Quantities;

/// <summary>The catalog is what its readers take it for, and what docs/formats.md says of it.</summary>
public sealed partial class QuantityCatalogTests
{
    private const string Heading = "## Measured quantities\n";

    [Fact]
    public void Names_tags_and_addresses_are_unique_and_names_are_in_snake_case()
    {
        Assert.All(QuantityCatalog.All, quantity => Assert.Matches(SnakeCase(), quantity.Name));
        Assert.Equal(QuantityCatalog.All.Count, QuantityCatalog.All.DistinctBy(quantity => quantity.Name).Count());
        Assert.Equal(QuantityCatalog.All.Count, QuantityCatalog.All.DistinctBy(quantity => quantity.Tag).Count());
        Assert.Equal(QuantityCatalog.All.Count, QuantityCatalog.All.DistinctBy(quantity => quantity.Id).Count());
    }

    [Fact]
    public void Every_quantity_is_of_a_step_or_of_a_measurement()
    {
        Assert.All(
            QuantityCatalog.All,
            quantity => Assert.True(quantity.FromStep is null != quantity.FromMeasurement is null, quantity.Name)
        );
        Assert.Equal(QuantityCatalog.All.Count, QuantityCatalog.PerStep.Count + QuantityCatalog.PerMeasurement.Count);
    }

    [Fact]
    public void Every_quantity_with_a_band_has_both_ends_around_its_value()
    {
        var record = SyntheticRun.WithEverything().Curvature[^1];
        foreach (var quantity in QuantityCatalog.PerMeasurement)
        {
            var measured = quantity.FromMeasurement!(record);
            Assert.True(double.IsFinite(measured.Value), quantity.Name);
            Assert.Equal(quantity.Band.Length > 0, measured.Low <= measured.Value && measured.Value <= measured.High);
        }
    }

    [Fact]
    public void The_figure_of_a_run_has_a_legend_for_every_quantity_drawn_on_paper()
    {
        var legends = Panels(SyntheticRun.WithEverything())
            .SelectMany(panel => panel.Legend.Select(entry => (panel.Label, entry.Name)));
        Assert.Empty(
            QuantityCatalog
                .All.Where(quantity => quantity.Line?.Panel.PaperHeight > 0)
                .Select(quantity => (quantity.Line!.Panel.PaperLabel, quantity.Line.PaperName))
                .Except(legends)
        );
    }

    [Fact]
    public void A_quantity_that_is_NaN_is_not_drawn_in_the_figure()
    {
        var data = SyntheticRun.WithEverything();
        var without = Panels(
            data with
            {
                Curvature =
                [
                    .. data.Curvature.Select(record =>
                        record with
                        {
                            Trace = new(double.NaN, double.NaN, 8),
                            BatchSharpness = new(double.NaN, 1, 10, 32),
                        }
                    ),
                ],
            }
        );
        Assert.Contains(Panels(data), panel => panel.Label == "trace");
        Assert.DoesNotContain(without, panel => panel.Label == "trace");
        Assert.DoesNotContain(without.SelectMany(panel => panel.Legend), entry => entry.Name == "batch sharpness");
    }

    [Fact]
    public void A_figure_with_every_quantity_has_no_text_over_another() =>
        SvgPage.NothingOverlaps(RunFigure.Page(SyntheticRun.WithEverything()));

    [Fact]
    public void The_document_lists_the_catalog()
    {
        var path = Path.Combine(Source.Root, "docs", "formats.md");
        var text = File.ReadAllText(path);
        var from = text.IndexOf(Heading, StringComparison.Ordinal) + Heading.Length;
        Assert.True(from >= Heading.Length, "the document has no part of measured quantities");
        var to = text.IndexOf("\n#", from, StringComparison.Ordinal) + 1;
        var rows = Row().Matches(text[from..to]).Select(match => match.Value).ToArray();
        var expected = QuantityCatalog.All.Select(DocumentRow).ToArray();
        if (Environment.GetEnvironmentVariable("GYRE_WRITE_DOCS") == "1")
            File.WriteAllText(
                path,
                text[..from]
                    + Row().Replace(text[from..to], "").TrimEnd('\n')
                    + "\n"
                    + string.Concat(expected)
                    + "\n"
                    + text[to..]
            );
        else
            Assert.Equal(expected, rows);
    }

    private static FigurePanel[] Panels(RunFigureData data) => [.. RunFigure.Page(data).Panels.OfType<FigurePanel>()];

    private static string DocumentRow(Quantity quantity)
    {
        string[] cells =
        [
            $"`{quantity.Name}`",
            quantity.Title,
            quantity.Band,
            quantity.Line is { } line ? $"`{line.Panel.Id}`" : "",
            $"`{quantity.Id}`",
            $"`{quantity.Tag}`",
        ];
        return $"|{string.Concat(cells.Select(cell => cell.Length == 0 ? " |" : $" {cell} |"))}\n";
    }

    [GeneratedRegex(@"^[a-z]+(_[a-z]+)*$")]
    private static partial Regex SnakeCase();

    [GeneratedRegex(@"^\| `.*\|\n", RegexOptions.Multiline)]
    private static partial Regex Row();
}
