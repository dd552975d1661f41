using System.Globalization;
using System.Text;
using Gyre.Lab.Figures;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.Lab.Reports;

/// <summary>Figures in the sizes of a paper.</summary>
public sealed class PaperFigureTests
{
    private const float PointsPerPixel = 72 / 96f;

    private static readonly Dictionary<string, FigurePage> Pages = SweepFigures
        .Catalog.Select(figure => KeyValuePair.Create($"sweep's {figure.Name}", figure.Page(Ladder.Data())!))
        .Where(figure => figure.Value is not null)
        .Append(new("run", RunFigure.Page(SyntheticRun.Usual())))
        .Append(new("run with everything", RunFigure.Page(SyntheticRun.WithEverything())))
        .ToDictionary();

    private static SyntheticSweep Ladder => SyntheticSweep.Usual with { Moments = [10, 20, 40] };

    public static TheoryData<string, double> PagesAndWidths
    {
        get
        {
            var pairs = new TheoryData<string, double>();
            foreach (var page in Pages.Keys)
            {
                foreach (var width in PaperFigures.UsualInches)
                    pairs.Add(page, width);
            }
            return pairs;
        }
    }

    [Theory]
    [MemberData(nameof(PagesAndWidths))]
    public void Texts_have_9_points_are_whole_and_do_not_overlap(string name, double inches)
    {
        foreach (var page in Pages[name].OnPaper(inches))
        {
            SvgPage.NothingOverlaps(page);
            Assert.All(
                SvgPage.Texts(SvgPage.Parse(page.ToSvg())),
                text =>
                {
                    Assert.True(text.Size * PointsPerPixel >= 9 - 1e-3f, $"'{text.Text}' has {text.Size} pixels");
                    Assert.False(text.Text.EndsWith('…'), $"'{text.Text}' is cut");
                }
            );
        }
    }

    [Theory]
    [MemberData(nameof(PagesAndWidths))]
    public void The_picture_has_the_width_of_the_column_and_fits_on_a_page(string name, double inches)
    {
        foreach (var page in Pages[name].OnPaper(inches))
        {
            var box = PdfBox(page.ToPdf());

            Assert.Equal(72 * inches, box.Width, 0.5);
            Assert.InRange(box.Height, 0, 72 * 8);
            Assert.Equal(72 / 96.0 * page.Height, box.Height, 0.5);
            Assert.Equal($"0 0 {96 * inches} {page.Height}", SvgPage.Parse(page.ToSvg()).Attribute("viewBox")?.Value);
        }
    }

    [Theory]
    [MemberData(nameof(PagesAndWidths))]
    public void The_files_of_a_figure_show_each_panel_once_with_its_letter(string name, double inches)
    {
        var page = Pages[name];
        var panels = page.Panels.OfType<FigurePanel>().ToArray();

        var parts = page.OnPaper(inches);

        Assert.Equal(panels.ToHashSet(), parts.SelectMany(part => part.Panels.OfType<FigurePanel>()).ToHashSet());
        Assert.Equal(panels.Length, parts.Sum(part => part.Panels.Count(panel => panel is not null)));
        var expected = Enumerable.Range(0, panels.Length).Select(i => $"({(char)('a' + i)})");
        var drawn = parts
            .SelectMany(part => SvgPage.Texts(SvgPage.Parse(part.ToSvg())))
            .Select(text => text.Text)
            .Where(text => text is ['(', _, ')']);
        Assert.Equal(panels.Length > 1 ? expected : [], drawn.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_caption_names_each_panel_by_its_letter()
    {
        var reductions = Pages["sweep's reductions"];
        var headings = reductions.Panels.OfType<FigurePanel>().Select(panel => panel.Heading).Distinct().ToArray();

        var names = reductions.PanelNames();

        Assert.StartsWith($"(a) {headings[0]}: sharpness", names, StringComparison.Ordinal);
        Assert.Contains($"(b) {headings[0]}: test accuracy, %", names, StringComparison.Ordinal);
        Assert.StartsWith(
            "peak sharpness (log) against ",
            Pages["sweep's peaks"].PanelNames(),
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("pdf")]
    [InlineData("svg")]
    public void Each_figure_has_a_file_per_width_and_a_caption(string format)
    {
        using var folder = new TemporaryFolder();
        var page = RunFigure.Page(SyntheticRun.Usual());

        var files = PaperFigures.Save(
            folder.Path,
            [new PaperFigure("figure", page, "Read it so.")],
            "Setting: one.",
            format,
            [6.75, 10]
        );

        Assert.Equal(
            [$"figure-6.75in.{format}", $"figure-10in.{format}", "captions.md"],
            files.Select(Path.GetFileName)
        );
        Assert.All(files, file => Assert.True(File.Exists(file)));
        var captions = File.ReadAllText(files[^1]);
        Assert.StartsWith(
            $"## figure\n\nfigure-6.75in.{format}, figure-10in.{format}\n\n{page.Title}. ",
            captions,
            StringComparison.Ordinal
        );
        Assert.Contains(" (a) loss ", captions, StringComparison.OrdinalIgnoreCase);
        Assert.Contains(" Read it so. ", captions, StringComparison.Ordinal);
        Assert.EndsWith(" Setting: one.\n\n", captions, StringComparison.Ordinal);
        var drawn = page.OnPaper(6.75).SelectMany(part => SvgPage.Texts(SvgPage.Parse(part.ToSvg())));
        Assert.DoesNotContain(page.Title, drawn.Select(text => text.Text)); // title and footer are in the caption
    }

    private static (double Width, double Height) PdfBox(byte[] pdf)
    {
        var text = Encoding.Latin1.GetString(pdf);
        Assert.StartsWith("%PDF-", text, StringComparison.Ordinal);
        var from = text.IndexOf("/MediaBox [", StringComparison.Ordinal) + "/MediaBox [".Length;
        var numbers = text[from..text.IndexOf(']', from)]
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(number => double.Parse(number, CultureInfo.InvariantCulture))
            .ToArray();
        return (numbers[2] - numbers[0], numbers[3] - numbers[1]);
    }
}
