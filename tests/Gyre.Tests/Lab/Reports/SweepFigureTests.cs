using Gyre.Lab.Figures;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.Lab.Reports;

/// <summary>Figures of sweeps: whole, legible, and where the numbers say.</summary>
public sealed class SweepFigureTests
{
    /// <summary>Every kind of sweep that figures must survive.</summary>
    private static readonly Dictionary<string, SyntheticSweep> Sweeps = new()
    {
        ["usual"] = SyntheticSweep.Usual,
        ["one cell"] = new([0.1], 1),
        ["one seed"] = new([0.02, 0.1, 0.5], 1),
        ["no forks"] = SyntheticSweep.Usual with { Forks = false },
        ["some diverged"] = SyntheticSweep.Usual with { DivergesFrom = 0.5 },
        ["all diverged"] = SyntheticSweep.Usual with { DivergesFrom = 0 },
        ["half done"] = SyntheticSweep.Usual with { Done = 0.5 },
        ["nothing done"] = SyntheticSweep.Usual with { Done = 0 },
        ["nothing measured"] = SyntheticSweep.Usual with { Measured = false },
        ["twenty rates"] = new([.. Enumerable.Range(0, 20).Select(i => 0.01 * Math.Pow(1.3, i))], 3),
        ["ladder"] = SyntheticSweep.Usual with { Moments = [10, 20, 40] },
        ["ladder of one seed"] = new([0.02, 0.1, 0.5], 1) { Moments = [10, 20, 40] },
        ["two keys"] = SyntheticSweep.Usual with { Activations = ["\"relu\"", "\"tanh\""] },
        ["long and hostile names"] = SyntheticSweep.Usual with
        {
            Name = "<script>alert('&')</script>" + new string('x', 300),
            Activations = ["\"<b>&amp;" + new string('y', 200) + "\""],
        },
    };

    public static TheoryData<string, string> Pairs
    {
        get
        {
            var pairs = new TheoryData<string, string>();
            foreach (var sweep in Sweeps.Keys)
            {
                foreach (var figure in SweepFigures.Catalog)
                    pairs.Add(sweep, figure.Name);
            }
            return pairs;
        }
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Every_sweep_gives_whole_pictures_of_numbers_whose_texts_are_apart(string sweep, string figure)
    {
        if (PageOf(Sweeps[sweep], figure) is not { } page)
            return;
        SvgPage.NothingButNumbers(page, $"{figure} of {sweep}");
        SvgPage.NothingOverlaps(page);
        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], page.ToPng()[..4]);
    }

    [Theory]
    [InlineData("usual", "accuracy sharpness rotation peaks reductions correlations")]
    [InlineData("no forks", "accuracy sharpness rotation peaks correlations")]
    [InlineData("one cell", "accuracy sharpness rotation peaks")]
    [InlineData("nothing measured", "accuracy peaks reductions correlations")]
    [InlineData("nothing done", "")]
    [InlineData("all diverged", "accuracy sharpness")]
    public void What_a_sweep_lacks_has_no_figure(string sweep, string figures) =>
        Assert.Equal(
            figures,
            string.Join(
                ' ',
                SweepFigures
                    .Catalog.Where(figure => figure.Page(Sweeps[sweep].Data()) is not null)
                    .Select(figure => figure.Name)
            )
        );

    [Fact]
    public void Rates_stand_where_their_logarithm_is_and_edge_units_above_them()
    {
        var page = PageOf(SyntheticSweep.Usual, "accuracy")!;
        var texts = SvgPage.Texts(SvgPage.Parse(page.ToSvg()));

        // The frame is from 74 to 782; log10 of 0.02 to 0.5 fills it but for a twentieth of that range at each end.
        var range = Math.Log10(0.5 / 0.02);
        double At(double rate) => 74 + 708 * (Math.Log10(rate / 0.02) / range + 0.05) / 1.1;
        foreach (var (label, rate) in new[] { ("0.04", 0.02), ("0.2", 0.1), ("1", 0.5) })
            Assert.Contains(
                texts,
                text => text.Text == label && Math.Abs(text.Box.MidX - At(rate)) < 1 && text.Box.Top < 140
            );
        foreach (var (label, rate) in new[] { ("0.05", 0.05), ("0.2", 0.2) })
            Assert.Contains(
                texts,
                text => text.Text == label && Math.Abs(text.Box.MidX - At(rate)) < 1 && text.Box.Top > 400
            );
    }

    [Fact]
    public void Regions_reach_half_way_to_the_neighbours_and_carry_their_letter()
    {
        var texts = SvgPage.Texts(
            SvgPage.Parse(PageOf(SyntheticSweep.Usual with { DivergesFrom = 0.5 }, "accuracy")!.ToSvg())
        );
        var range = Math.Log10(0.5 / 0.02);
        double At(double share) => 74 + 708 * share;
        double Place(double rate) => (Math.Log10(rate / 0.02) / range + 0.05) / 1.1;
        var (first, second) = ((Place(0.02) + Place(0.1)) / 2, (Place(0.1) + Place(0.5)) / 2);
        double Middle(string letter) => texts.Last(text => text.Text == letter).Box.MidX; // the legend's come first

        Assert.Equal(At(first / 2), Middle("S"), 2.0);
        Assert.Equal(At((first + second) / 2), Middle("E"), 2.0);
        Assert.Equal(At((second + 1) / 2), Middle("D"), 2.0);
    }

    [Fact]
    public void The_same_sweep_gives_the_same_bytes()
    {
        foreach (var figure in SweepFigures.Catalog)
        {
            var (first, second) = (figure.Page(SyntheticSweep.Usual.Data()), figure.Page(SyntheticSweep.Usual.Data()));
            Assert.Equal(first?.ToSvg(), second?.ToSvg());
            Assert.Equal(first?.ToPng(), second?.ToPng());
        }
    }

    [Fact]
    public void The_control_of_a_reduction_has_its_rate_throughout_and_the_same_other_keys()
    {
        var texts = SvgPage
            .Texts(SvgPage.Parse(PageOf(SyntheticSweep.Usual, "reductions")!.ToSvg()))
            .Select(text => text.Text)
            .ToArray();
        Assert.Contains("small throughout (control)", texts);
        Assert.Contains("large throughout (parent)", texts);
        Assert.Contains("eta 0.5 → 0.02 at step 20", texts);

        // Of 0.021 there is no run reduced to 0.02.
        var without = SyntheticSweep.Usual.Data();
        var other = without with
        {
            Finished = [.. without.Finished.Where(cell => cell.Measures.Cell.LearningRate != 0.02)],
        };
        Assert.DoesNotContain(
            "small throughout (control)",
            SvgPage
                .Texts(
                    SvgPage.Parse(
                        SweepFigures.Catalog.Single(figure => figure.Name == "reductions").Page(other)!.ToSvg()
                    )
                )
                .Select(text => text.Text)
        );
    }

    [Fact]
    public void A_ladder_has_a_line_a_moment_both_thresholds_and_a_thin_line_a_seed()
    {
        Assert.Null(PageOf(SyntheticSweep.Usual, "ladder"));
        var page = PageOf(SyntheticSweep.Usual with { Moments = [10, 20, 40] }, "ladder")!;
        var texts = SvgPage.Texts(SvgPage.Parse(page.ToSvg())).Select(text => text.Text).ToArray();
        string[] expected =
        [
            "never large",
            "large until time 5",
            "large until time 10",
            "large until time 20",
            "never reduced",
            "threshold of the small learning rate",
            "threshold of the large learning rate",
            "one seed",
            "mean over seeds",
            "peak sharpness",
            "test accuracy at training loss 0.2",
        ];
        Assert.All(expected, text => Assert.Contains(text, texts));
        var peaks = page.Panels[1]!;
        Assert.Equal(3, peaks.Legend.Count(entry => entry.Name == "one seed"));
    }

    [Fact]
    public void A_seed_is_drawn_alike_in_every_panel_also_where_others_are_missing()
    {
        var all = SyntheticSweep.Usual.Data();
        var page = SweepFigures
            .Catalog.Single(figure => figure.Name == "peaks")
            .Page(
                all with
                {
                    Finished =
                    [
                        .. all.Finished.Where(cell => cell.Measures.Cell is not { Seed: 0, LearningRate: 0.1 }),
                    ],
                }
            )!;
        var drawn = page
            .Panels.OfType<FigurePanel>()
            .SelectMany(panel => panel.Legend)
            .Where(entry => entry.Name.StartsWith("seed", StringComparison.Ordinal))
            .Distinct()
            .ToArray();

        Assert.Equal(["seed 0", "seed 1", "seed 2"], drawn.Select(entry => entry.Name).Order());
    }

    [Fact]
    public void Few_of_many_are_chosen_evenly_with_both_ends()
    {
        var spread = SeriesDrawing.Spread([.. Enumerable.Range(0, 11)], 5).ToArray();
        Assert.Equal([0, 5, 10], [spread[0], spread[2], spread[4]]);
        // 2.5 and 7.5 round either way
        Assert.InRange(spread[1], 2, 3);
        Assert.InRange(spread[3], 7, 8);
        Assert.Equal([0, 1], SeriesDrawing.Spread([0, 1], 5));
    }

    private static FigurePage? PageOf(SyntheticSweep sweep, string figure) =>
        SweepFigures.Catalog.Single(one => one.Name == figure).Page(sweep.Data());
}
