using Gyre.Lab.Figures;
using Gyre.Lab.Reports;
using Gyre.Lab.RunFiles;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.Lab.Reports;

/// <summary>The figure and the rows of self-stabilisation.</summary>
public class StabilisationFigureTests
{
    [Fact]
    public void Its_texts_are_apart_its_numbers_are_numbers_and_the_font_has_every_letter()
    {
        foreach (
            var curvature in new[]
            {
                Measured(120),
                Measured(1),
                [
                    .. Measured(30)
                        .Select(record =>
                            record with
                            {
                                SelfStabilisation = record.SelfStabilisation! with
                                {
                                    Alpha = double.NaN,
                                    Displacement = 0,
                                },
                            }
                        ),
                ],
            }
        )
        {
            var page = StabilizationFigure.Page("a run", "gyre", curvature)!;
            SvgPage.NothingOverlaps(page);
            SvgPage.NothingButNumbers(page, "self-stabilisation");
            Assert.All(
                SvgPage.Texts(SvgPage.Parse(page.ToSvg())),
                text => Assert.True(FigureFont.Face.ContainsGlyphs(text.Text), text.Text)
            );
            Assert.Equal(page.ToSvg(), StabilizationFigure.Page("a run", "gyre", curvature)!.ToSvg());
        }
    }

    [Fact]
    public void Where_it_was_not_measured_there_is_none() =>
        Assert.Null(StabilizationFigure.Page("a run", "gyre", SyntheticRun.Usual().Curvature));

    [Fact]
    public void The_table_has_its_rows_only_where_it_was_measured()
    {
        var without = RunTable.Rows(SyntheticRun.Summary(), null, 4, []);
        var with = RunTable.Rows(
            SyntheticRun.Summary() with
            {
                SelfStabilisation = new StabilizationSummary(40, 0.75, 30, 0.914),
            },
            null,
            4,
            []
        );
        Assert.Equal(
            ["75.0 %", "0.91"],
            with.ExceptBy(without.Select(row => row.Name), row => row.Name).Select(row => row.Value)
        );
        Assert.Equal(
            ["—", "—"],
            RunTable
                .Rows(
                    SyntheticRun.Summary() with
                    {
                        SelfStabilisation = new StabilizationSummary(0, double.NaN, 0, double.NaN),
                    },
                    null,
                    4,
                    []
                )
                .ExceptBy(without.Select(row => row.Name), row => row.Name)
                .Select(row => row.Value)
        );
    }

    private static CurvatureRecord[] Measured(int count) =>
        [
            .. SyntheticRun
                .Usual(steps: count)
                .Curvature.Take(count)
                .Select(
                    (record, i) =>
                        record with
                        {
                            SelfStabilisation = new StabilizationRecord(
                                0.01 * Math.Sin(i),
                                record.Sharpness - 10,
                                -0.2,
                                0.3 * Math.Cos(0.1 * i),
                                2,
                                0.1 * Math.Sin(0.2 * i)
                            ),
                        }
                ),
        ];
}
