using System.Buffers.Binary;
using System.Xml.Linq;
using Gyre.Lab.Figures;
using Gyre.Lab.RunFiles;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.Lab.Reports;

public sealed class RunFigureTests
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";
    private static readonly XNamespace Link = "http://www.w3.org/1999/xlink";

    /// <summary>Every kind of run that a figure must survive.</summary>
    private static readonly Dictionary<string, Func<RunFigureData>> Runs = new()
    {
        ["usual"] = () => SyntheticRun.Usual(),
        ["diverging"] = SyntheticRun.Diverging,
        ["many steps, pairs and instabilities"] = () =>
            SyntheticRun.Usual(20_000, 10, 8) with
            {
                Summary = SyntheticRun.Summary([
                    .. Enumerable
                        .Range(0, 600)
                        .Select(i => new InstabilityRecord(i + 1, 33 * i, 33 * i + 5, 12, 1, 1, 33 * i + 12)),
                ]),
            },
        ["nothing measured"] = () => SyntheticRun.Usual(500, 0) with { Summary = null },
        ["two steps"] = () =>
            SyntheticRun.Usual(2) with
            {
                Summary = null,
                Name = string.Concat(Enumerable.Repeat("long-name-", 30)),
            },
        ["one step"] = () => SyntheticRun.Usual(0) with { Summary = null },
        ["nothing at all"] = () => new RunFigureData("empty", "gyre", [], [], [], null),
        ["constant"] = () => SyntheticRun.Create(50, _ => 1, _ => 0, 10, 1),
        ["loss zero, eta zero"] = () => Still(SyntheticRun.Create(50, step => step < 25 ? 1e-310 : 0, _ => -3, 10, 1)),
        ["one place after all"] = () => SyntheticRun.Create(50, step => 1 + 1e-16 * step, _ => 1e16, 10, 4),
        ["smallest numbers"] = () => SyntheticRun.Create(50, _ => double.Epsilon, _ => double.Epsilon, 10, 4),
        ["largest numbers"] = () =>
            SyntheticRun.Create(
                50,
                _ => double.MaxValue,
                step => step % 20 < 10 ? double.MaxValue : -double.MaxValue,
                10,
                4
            ),
        ["all numbers"] = () =>
            SyntheticRun.Create(
                50,
                step => step % 2 == 0 ? double.Epsilon : double.MaxValue,
                step => Math.CopySign(Math.Pow(10, 12 * step - 300), step % 3 - 1),
                4,
                4
            ),
        ["infinite numbers"] = () =>
            SyntheticRun.Create(
                50,
                step => step < 9 ? 1 : double.PositiveInfinity,
                step => step < 9 ? 1 : double.NegativeInfinity,
                4,
                4
            ),
        ["nothing but NaN"] = () => SyntheticRun.Create(50, _ => double.NaN, _ => double.NaN, 10, 4),
    };

    public static TheoryData<string> Names => [.. Runs.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_run_gives_a_whole_picture_on_a_page_of_numbers(string name)
    {
        var page = SvgPage.Within(() => RunFigure.Page(Runs[name]()));
        var (svg, png) = SvgPage.Within(() => (page.ToSvg(), page.ToPng()));

        var root = SvgPage.Parse(svg);
        Assert.Equal($"0 0 800 {page.Height}", root.Attribute("viewBox")?.Value);
        SvgPage.NothingButNumbers(page, name);
        Assert.Equal(
            (1600, 2 * page.Height),
            (BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(16)), BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(20)))
        );
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void No_two_texts_overlap_and_none_leaves_the_page(string name) =>
        SvgPage.NothingOverlaps(RunFigure.Page(Runs[name]()));

    [Theory]
    [MemberData(nameof(Names))]
    public void The_figure_needs_no_font_and_every_character_has_its_outline(string name)
    {
        var root = SvgPage.Parse(RunFigure.Page(Runs[name]()).ToSvg());
        var outlines = root.Element(Svg + "defs")!
            .Elements()
            .ToDictionary(path => "#" + path.Attribute("id")!.Value, path => path.Attribute("d")!.Value);
        var missing = outlines
            .Values.GroupBy(outline => outline)
            .Where(same => same.Count() > 1)
            .Select(same => same.Key);

        Assert.Empty(root.Descendants(Svg + "text"));
        // two characters with one outline would both be the box that stands for what a font lacks
        Assert.Empty(missing);
        Assert.All(outlines.Values, outline => Assert.NotEqual("", outline));
        foreach (var text in SvgPage.TextElements(root))
        {
            var label = text.Attribute("aria-label")!.Value;
            Assert.All(
                label,
                character =>
                    Assert.True(
                        FigureFont.Face.ContainsGlyph(character),
                        $"'{character}' of '{label}' is not in the font"
                    )
            );
            Assert.Equal(
                label.Where(character => character != ' ').Select(character => $"#g{(int)character:x}"),
                text.Elements(Svg + "use").Select(use => use.Attribute(Link + "href")!.Value)
            );
            Assert.All(
                text.Elements(Svg + "use"),
                use => Assert.Contains(use.Attribute(Link + "href")!.Value, outlines.Keys)
            );
        }
    }

    [Fact]
    public void The_same_records_give_the_same_bytes()
    {
        var (first, second) = (RunFigure.Page(SyntheticRun.Usual()), RunFigure.Page(SyntheticRun.Usual()));

        Assert.Equal(first.ToSvg(), second.ToSvg());
        Assert.Equal(first.ToPng(), second.ToPng());
    }

    [Fact]
    public void A_spike_of_one_step_among_a_hundred_thousand_is_drawn()
    {
        double Spiked(int step) => step == 61_803 ? 5000 : 1 + 1e-6 * step;
        var run = SyntheticRun.Create(100_000, Spiked, _ => 9, 0, 1);
        var calm = SyntheticRun.Create(100_000, step => 1 + 1e-6 * step, _ => 9, 0, 1);

        Assert.Contains("1000", SvgPage.Texts(SvgPage.Parse(RunFigure.Page(run).ToSvg())).Select(text => text.Text));
        Assert.DoesNotContain(
            "1000",
            SvgPage.Texts(SvgPage.Parse(RunFigure.Page(calm).ToSvg())).Select(text => text.Text)
        );
        Assert.InRange(RunFigure.Page(run).ToSvg().Length, 1, 1 << 20);
    }

    [Fact]
    public void Instabilities_are_numbered_where_they_are_and_open_ones_say_so()
    {
        var texts = SvgPage.Texts(SvgPage.Parse(RunFigure.Page(SyntheticRun.Usual()).ToSvg()));
        double Middle(string text) => texts.Where(found => found.Text == text).MinBy(found => found.Box.Top).Box.MidX;

        // The frame is from 74 to 782; steps 0 to 500 fill it but for 0.6 % of their range at each side.
        double At(double step) => 74 + 708 * (step / 500 + 0.006) / 1.012;
        Assert.Equal(At((30 + 95) / 2.0), Middle("1"), 2.0);
        Assert.Equal(At((130 + 171) / 2.0), Middle("2"), 2.0);
        Assert.Equal(At((300 + 500) / 2.0), Middle("3 open"), 2.0);
    }

    [Fact]
    public void Instabilities_are_shaded_in_every_panel()
    {
        var (with, without) = (SyntheticRun.Usual(), SyntheticRun.Usual() with { Summary = SyntheticRun.Summary() });
        int Shades(RunFigureData run) =>
            SvgPage
                .Parse(RunFigure.Page(run).ToSvg())
                .Descendants(Svg + "rect")
                .Count(rect => rect.Attribute("fill")?.Value == "#E69F00");

        Assert.Equal(0, Shades(without));
        Assert.Equal(3 * RunFigure.Page(with).Panels.Count, Shades(with));
    }

    [Fact]
    public void An_unfinished_run_takes_its_instabilities_from_its_events()
    {
        var run = SyntheticRun.Usual() with
        {
            Summary = null,
            Events =
            [
                new EventRecord(30, "onset", 1),
                new EventRecord(95, "resolution", 1),
                new EventRecord(130, "onset", 2),
            ],
        };
        var texts = SvgPage.Texts(SvgPage.Parse(RunFigure.Page(run).ToSvg())).Select(text => text.Text).ToArray();

        Assert.Contains("2 open", texts);
        Assert.Contains(texts, text => text.StartsWith("synthetic: unfinished, 501 steps", StringComparison.Ordinal));
        Assert.Contains(texts, text => text.Contains("2 instabilities, the last one open", StringComparison.Ordinal));
    }

    [Fact]
    public void What_was_not_measured_has_no_panel()
    {
        Assert.Equal(5, RunFigure.Page(SyntheticRun.Usual()).Panels.Count);
        Assert.Equal(2, RunFigure.Page(SyntheticRun.Usual(500, 0) with { Summary = null }).Panels.Count);
        Assert.Single(RunFigure.Page(new RunFigureData("empty", "gyre", [], [], [], null)).Panels);
    }

    [Fact]
    public void The_title_is_what_a_screen_reader_reads()
    {
        var root = SvgPage.Parse(RunFigure.Page(SyntheticRun.Usual() with { Name = "a<b&c" }).ToSvg());

        Assert.Equal("a<b&c: edge of stability", root.Element(Svg + "title")?.Value);
        Assert.Equal("img", root.Attribute("role")?.Value);
    }

    private static RunFigureData Still(RunFigureData run) =>
        run with
        {
            Steps = [.. run.Steps.Select(step => step with { LearningRate = 0 })],
        };
}
