using Gyre.Dashboard.Charts;
using Gyre.Dashboard.Reading;
using Gyre.Tests.TestKit;
using Contour = Plotly.Blazor.Traces.Contour;

namespace Gyre.Tests.Dashboard.Charts;

/// <summary>Charts of a landscape hold what its files hold.</summary>
public class LandscapeChartsTests
{
    [Fact]
    public void The_quadratic_model_is_that_of_slope_and_curvature_and_meets_a_parabola_everywhere()
    {
        var chart = Charts(SyntheticLandscape.Points.Count, finished: true).Single(chart => chart.Id == "line-v1");
        var (model, loss) = (
            chart.Lines.Single(line => line.Name == "quadratic model"),
            chart.Lines.Single(line => line.Name == "loss")
        );
        Assert.Equal([-1, -0.5, 0, 0.5, 1], loss.X.ToArray());
        Assert.Equal([2, 0.75, 1, 2.75, 6], loss.Y.ToArray());
        Assert.Equal(loss.Y.ToArray(), model.Y.ToArray());
    }

    [Fact]
    public void A_plane_has_its_first_axis_across_and_its_second_up()
    {
        var map = Charts(SyntheticLandscape.Points.Count, finished: true)
            .Single(chart => chart.Id == "plane-v1-v2")
            .Map!;
        Assert.Equal([-1.0, 0, 1, 2], map.X.Cast<double>());
        Assert.Equal([0, 0.5, 1], map.Y.Cast<double>());
        for (var row = 0; row < 3; row++)
        {
            for (var column = 0; column < 4; column++)
                Assert.Equal(
                    SyntheticLandscape.Loss([(double)map.X[column], (double)map.Y[row]]),
                    map.Z[row][column],
                    12
                );
        }
    }

    [Fact]
    public void The_path_says_of_every_iterate_its_step_its_loss_and_how_far_off_it_lies()
    {
        var charts = Charts(SyntheticLandscape.Points.Count, finished: true);
        var chart = charts.Single(chart => chart.Id == "plane-v1-v2");
        var path = chart.Lines.Single(line => line.Name == "iterates");
        Assert.Equal(9, path.Texts.Count);
        Assert.Equal("step 2: loss 1.8, 2 from the plane, loss 1.5 at the projection", path.Texts[2]);
        Assert.Equal((-0.2, 0.02), (path.X.Span[2], path.Y.Span[2]));
        Assert.Equal(["iterates", "first, 0", "last, 8", "step 4"], chart.Lines.Select(line => line.Name));
        Assert.Equal(
            [4, 3, 2, 1, 0, 1, 2, 3, 4],
            charts.Single(one => one.Id == "plane-v1-v2-distance").Lines[0].Y.ToArray()
        );
    }

    [Fact]
    public void While_it_is_evaluated_the_losses_there_are_are_shown_alone()
    {
        var charts = Charts(7, finished: false);
        Assert.Equal(["line-v1", "plane-v1-v2"], charts.Select(chart => chart.Id));
        Assert.Equal(["loss"], charts[0].Lines.Select(line => line.Name));
        Assert.Empty(charts[1].Lines);
        Assert.Equal(2, charts[1].Map!.Z.SelectMany(row => row).Count(double.IsFinite));
        Assert.Equal(["line-v1"], Charts(3, finished: false).Select(chart => chart.Id));
        Assert.Empty(Charts(0, finished: false));
    }

    [Fact]
    public void Colors_go_by_the_logarithm_from_a_thousandth_of_the_middle_loss_and_evenly_where_that_is_asked_for()
    {
        var map = new HeatMap(
            [0.0, 1.0],
            [0.0, 1.0],
            [
                [1e-12, 1],
                [10, double.NaN],
            ],
            "loss"
        )
        {
            Smooth = true,
            Logarithmic = true,
            Rescalable = true,
            Floor = 1e-3,
        };
        var (logarithmic, even) = (
            (Contour)LevelDrawing.Trace(map, logarithmic: true),
            (Contour)LevelDrawing.Trace(map, logarithmic: false)
        );
        Assert.Equal((-3, 1), (logarithmic.ZMin, logarithmic.ZMax));
        Assert.Equal(["≤ 0.001", "10"], [logarithmic.ColorBar.TickText[0], logarithmic.ColorBar.TickText[^1]]);
        Assert.Equal(10, even.ZMax);
        Assert.Null(((object?[])logarithmic.Z[1])[1]);
        Assert.Equal("10", ((string[])logarithmic.Text[1])[0]);
    }

    [Fact]
    public void A_flat_or_empty_plane_is_drawn_all_the_same()
    {
        foreach (var value in new[] { 2, double.NaN, double.PositiveInfinity, 0 })
        {
            foreach (var logarithmic in new[] { true, false })
            {
                var trace = (Contour)
                    LevelDrawing.Trace(
                        new HeatMap(
                            [0.0, 1.0],
                            [0.0, 1.0],
                            [
                                [value, value],
                                [value, value],
                            ],
                            "loss"
                        )
                        {
                            Smooth = true,
                        },
                        logarithmic
                    );
                Assert.True(trace.ZMax > trace.ZMin);
            }
        }
    }

    [Fact]
    public void The_address_turns_the_scale_of_the_colors_not_that_of_the_axis()
    {
        var chart = Charts(SyntheticLandscape.Points.Count, finished: true).Single(chart => chart.Id == "plane-v1-v2");
        Assert.True(ViewAddress.Parse("landscape/a").Logarithmic(chart));
        Assert.False(ViewAddress.Parse("landscape/a?scale=plane-v1-v2").Logarithmic(chart));
        Assert.NotEqual(
            Plotly.Blazor.LayoutLib.YAxisLib.TypeEnum.Log,
            PlotlyDrawing.Layout(chart, Window.All, logarithmic: true).YAxis[0].Type
        );
    }

    private static IReadOnlyList<Chart> Charts(int points, bool finished)
    {
        using var place = new TemporaryFolder();
        var folder = SyntheticLandscape.Write(place["a"], points, finished ? SyntheticLandscape.Record : null);
        return LandscapeCharts.Create(new LiveLandscape("a", folder, TimeProvider.System).Look());
    }
}
