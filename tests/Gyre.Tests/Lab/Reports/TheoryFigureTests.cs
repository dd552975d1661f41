using Gyre.Lab.Figures;
using Gyre.Lab.Reports;
using Gyre.Lab.Statistics;
using Gyre.Lab.Theory;

namespace Gyre.Tests.Lab.Reports;

/// <summary>
/// The figures and the table of `gyre theory` for networks of every kind, and for a descent that diverges.
/// </summary>
public class TheoryFigureTests
{
    private static readonly Dictionary<string, ExactStudy> Studies = new()
    {
        ["usual"] = ExactStudy.Run(DiagonalLinearNetwork.TwoParameters, [3, 0.3], null, 100),
        ["slow"] = ExactStudy.Run(DiagonalLinearNetwork.TwoParameters, [3, 0.3], 0.01, 1),
        ["orbit"] = ExactStudy.Run(DiagonalLinearNetwork.TwoParameters, [1.1, 0.8], 1.1, 50),
        ["opposed"] = ExactStudy.Run(DiagonalLinearNetwork.TwoParameters, [-1.5, 0.5], 0.3, 50),
        ["diverges"] = ExactStudy.Run(DiagonalLinearNetwork.TwoParameters, [3, 0.3], 2.5, 100),
        ["depth 1"] = ExactStudy.Run(new DiagonalLinearNetwork(1, [1]), [3], null, 100),
        ["deep and wide"] = ExactStudy.Run(
            new DiagonalLinearNetwork(3, [1, 0.5]),
            ExactStudy.DefaultStart(3, 2),
            null,
            100
        ),
    };

    public static TheoryData<string, string> Pages =>
        [.. from study in Studies.Keys from figure in TheoryFigures.Catalog select (study, figure.Name)];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Every_study_gives_pictures_of_numbers_whose_texts_are_apart(string study, string figure)
    {
        var page = TheoryFigures.Catalog.Single(one => one.Name == figure).Page(Studies[study], "gyre theory");
        if (
            figure == "map" && study == "depth 1"
            || figure == "surface" && study is "depth 1" or "deep and wide" && figure == "surface"
        )
        {
            Assert.Null(page);
            return;
        }
        SvgPage.NothingOverlaps(page!);
        SvgPage.NothingButNumbers(page!, $"{figure} of {study}");
        Assert.All(
            SvgPage.Texts(SvgPage.Parse(page!.ToSvg())),
            text => Assert.True(FigureFont.Face.ContainsGlyphs(text.Text), text.Text)
        );
        Assert.Equal(
            page!.ToSvg(),
            TheoryFigures.Catalog.Single(one => one.Name == figure).Page(Studies[study], "gyre theory")!.ToSvg()
        );
    }

    [Fact]
    public void Every_class_of_the_map_stands_in_the_legend_and_in_the_picture()
    {
        var texts = SvgPage
            .Texts(
                SvgPage.Parse(
                    TheoryFigures.Catalog.Single(one => one.Name == "map").Page(Studies["usual"], "")!.ToSvg()
                )
            )
            .Select(text => text.Text)
            .ToArray();
        Assert.All(new[] { "S", "C", "P", "B", "D" }, letter => Assert.Equal(2, texts.Count(text => text == letter)));
    }

    [Fact]
    public void The_table_says_what_the_closed_forms_say()
    {
        var rows = TheoryTable.Rows(Studies["usual"]).ToDictionary(row => row.Name, row => row.Value);
        var q = 9 - 0.09;
        Assert.Equal($"ends at {NumberText.Format(Math.Sqrt(q * q + 4), 5)}", rows["gradient flow"]);
        Assert.Equal("catapult", rows["outcome"]);
        Assert.Equal("1, 1 resolved", rows["instabilities"]);
        Assert.Equal("none", rows["period-2 orbit"]);
        Assert.Contains("e−16", rows["imbalances"], StringComparison.Ordinal);
        // dφ/dε = 2q/s^(3/2) at the minimum, times 0.01 and in degrees.
        Assert.Equal(
            $"{NumberText.Format(0.01 * 180 / Math.PI * 2 * q / Math.Pow(q * q + 4, 0.75), 3)}°",
            rows["turn"]
        );
        var orbit = TwoParameterModel.BalancedOrbit(1.1)!;
        Assert.Equal(
            $"{NumberText.Format(orbit.First, 5)} ↔ {NumberText.Format(orbit.Second, 5)}, stable",
            TheoryTable.Rows(Studies["orbit"]).Single(row => row.Name == "period-2 orbit").Value
        );
        Assert.Equal("0°", TheoryTable.Rows(Studies["depth 1"]).Single(row => row.Name == "turn").Value);
        Assert.Equal("diverged", TheoryTable.Rows(Studies["diverges"]).Single(row => row.Name == "outcome").Value);
    }

    [Fact]
    public void No_row_of_any_table_shows_what_is_no_number() =>
        Assert.All(
            Studies.Values.SelectMany(TheoryTable.Rows),
            row => Assert.DoesNotContain("NaN", row.Value + row.Note, StringComparison.Ordinal)
        );
}
