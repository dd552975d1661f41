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
    public void Texts_have_9_points_and_do_not_overlap(string name, double inches)
    {
        var page = Pages[name] with { Sheet = FigureSheet.Paper(inches) };

        SvgPage.NothingOverlaps(page);
        Assert.All(
            SvgPage.Texts(SvgPage.Parse(page.ToSvg())),
            text => Assert.True(text.Size * PointsPerPixel >= 9 - 1e-3f, $"'{text.Text}' has {text.Size} pixels")
        );
    }

    [Theory]
    [MemberData(nameof(PagesAndWidths))]
    public void The_picture_has_the_width_of_the_column(string name, double inches)
    {
        var page = Pages[name] with { Sheet = FigureSheet.Paper(inches) };
        var box = PdfBox(page.ToPdf());

        Assert.Equal(72 * inches, box.Width, 0.5);
        Assert.Equal(72 / 96.0 * page.Height, box.Height, 0.5);
        Assert.Equal($"0 0 {96 * inches} {page.Height}", SvgPage.Parse(page.ToSvg()).Attribute("viewBox")?.Value);
    }

    [Theory]
    [InlineData("pdf")]
    [InlineData("svg")]
    public void Each_figure_has_a_file_per_width_and_a_caption(string format)
    {
        using var folder = new TemporaryFolder();
        var page = RunFigure.Page(SyntheticRun.Usual());

        var files = PaperFigures.Save(folder.Path, [("figure", page)], format, [3.25, 6.75]);

        Assert.Equal(
            [$"figure-3.25in.{format}", $"figure-6.75in.{format}", "captions.md"],
            files.Select(Path.GetFileName)
        );
        Assert.All(files, file => Assert.True(File.Exists(file)));
        var captions = File.ReadAllText(files[^1]);
        Assert.Contains("## figure", captions, StringComparison.Ordinal);
        Assert.Contains(page.Title, captions, StringComparison.Ordinal);
        var drawn = SvgPage.Texts(SvgPage.Parse((page with { Sheet = FigureSheet.Paper(6.75) }).ToSvg()));
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
