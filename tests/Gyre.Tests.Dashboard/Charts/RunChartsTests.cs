using Gyre.Dashboard.Charts;
using Gyre.Dashboard.Reading;
using Gyre.Lab.Figures;
using Gyre.Lab.Quantities;
using Gyre.Tests.TestKit;
using Scatter = Plotly.Blazor.Traces.Scatter;

namespace Gyre.Tests.Dashboard.Charts;

/// <summary>Charts hold what the run's files hold.</summary>
public class RunChartsTests
{
    [Fact]
    public void The_threshold_of_every_step_is_that_of_the_latest_measurement_over_the_step_size()
    {
        var data = SyntheticRun.Usual(400); // eta 0.2, from half way 0.15; measured: 10 at every step
        var threshold = Line(Charts(data), "sharpness", "threshold");
        Assert.Equal(10, threshold.Y.Span[0]);
        Assert.Equal(10, threshold.Y.Span[399]);
        // The step at which eta changes has not been measured with the new one yet but at a burst.
        Assert.All(threshold.Y.ToArray(), value => Assert.InRange(value, 7.4, 13.4));
    }

    [Fact]
    public void Bands_are_what_the_error_bars_allow()
    {
        var data = SyntheticRun.Usual(100);
        var flip = Line(Charts(data), "rotation", "flip, lag 1");
        for (var i = 0; i < data.Curvature.Count; i++)
        {
            Assert.Equal(data.Curvature[i].Flip?.Rotation ?? double.NaN, flip.Y.Span[i]);
            Assert.Equal(1 - data.Curvature[i].Flip?.OverlapLow ?? double.NaN, flip.High.Span[i]);
        }
    }

    [Fact]
    public void Over_training_time_measurements_stand_where_their_steps_do()
    {
        var data = SyntheticRun.Usual(100);
        var charts = Charts(data, "?axis=time");
        var (loss, sharpness) = (Line(charts, "loss", "training"), Line(charts, "sharpness", "sharpness"));
        for (var i = 0; i < data.Curvature.Count; i++)
            Assert.Equal(loss.X.Span[(int)data.Curvature[i].Step], sharpness.X.Span[i]);
    }

    [Fact]
    public void Instabilities_are_shaded_from_onset_to_resolution_or_to_the_last_step()
    {
        var data = SyntheticRun.Usual(500);
        var shades = Charts(data)[0].Shades;
        Assert.Equal(
            data.Summary!.Cycles.Select(cycle => ((double)cycle.Onset, (double)(cycle.Resolution ?? 500))),
            shades.Select(shade => (shade.From, shade.To))
        );
    }

    [Fact]
    public void What_was_not_measured_has_no_chart()
    {
        var data = SyntheticRun.Usual(30) with { Curvature = [], Summary = null };
        Assert.Equal(["loss", "accuracy", "time", "rate"], Charts(data).Select(chart => chart.Id));
    }

    [Fact]
    public void Every_quantity_of_the_catalog_is_a_column_and_in_the_list_to_compare_by()
    {
        var run = Read(SyntheticRun.WithEverything());
        foreach (var quantity in QuantityCatalog.All)
        {
            var table = quantity.FromMeasurement is null ? run.Steps : run.Curvature;
            Assert.True(table.Has(quantity.Name), quantity.Name);
            Assert.Equal(quantity.Band.Length > 0, table.Has(quantity.LowName) && table.Has(quantity.HighName));
            var compared = CompareCharts.Create([run], ViewAddress.Parse($"compare?key={quantity.Id}"));
            Assert.Equal(quantity.Id, Assert.Single(compared).Id);
            Assert.Equal(quantity.Band.Length > 0, compared[0].Lines[0].Low.Length > 0);
        }
    }

    [Fact]
    public void Every_quantity_that_names_a_panel_is_a_line_of_it()
    {
        var charts = RunCharts.Create(Read(SyntheticRun.WithEverything()), ViewAddress.Parse("run/a"));
        Assert.Empty(QuantityPanel.Catalog.Select(panel => panel.Id).Except(charts.Select(chart => chart.Id)));
        foreach (var quantity in QuantityCatalog.All.Where(quantity => quantity.Line is not null))
        {
            var line = Line(charts, quantity.Line!.Panel.Id, quantity.Line.Name);
            Assert.Contains(line.Y.ToArray(), double.IsFinite);
        }
    }

    [Fact]
    public void A_quantity_that_is_NaN_is_not_drawn()
    {
        var data = SyntheticRun.WithEverything();
        var run = Read(
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
        var charts = RunCharts.Create(run, ViewAddress.Parse("run/a"));
        Assert.False(run.Curvature.Columns.ContainsKey("trace"));
        Assert.DoesNotContain("trace", charts.Select(chart => chart.Id));
        Assert.DoesNotContain(
            "batch sharpness",
            charts.Single(chart => chart.Id == "sharpness").Lines.Select(line => line.Name)
        );
        Assert.Empty(CompareCharts.Create([run], ViewAddress.Parse("compare?key=trace&key=batch-sharpness")));
    }

    [Fact]
    public void Long_lines_are_sent_short_with_every_spike_and_zoomed_lines_whole()
    {
        var data = SyntheticRun.Create(
            50_000,
            step =>
                step switch
                {
                    33_333 => 99,
                    44_444 => 1e-9,
                    _ => 1 + step % 2,
                },
            step => 5,
            0,
            4
        );
        var loss = Charts(data).Single(chart => chart.Id == "loss");
        var all = (Scatter)PlotlyDrawing.Traces(loss, Window.All, false)[0];
        Assert.InRange(all.Y.Count, PlotlyDrawing.MostPoints / 3, PlotlyDrawing.MostPoints);
        Assert.Contains(99L, all.Y);
        Assert.Contains((object)1e-9f, all.Y);
        Assert.Equal(33_333L, all.X[all.Y.IndexOf(99L)]);
        var part = (Scatter)PlotlyDrawing.Traces(loss, new Window(33_000, 34_000), false)[0];
        Assert.Equal(Enumerable.Range(32_999, 1003).Select(step => (object)(long)step), part.X);
    }

    [Fact]
    public void A_line_of_few_points_goes_on_to_the_edges_of_a_stretch()
    {
        var data = SyntheticRun.Usual(100); // the test set is evaluated at every tenth step
        var accuracy = Charts(data).Single(chart => chart.Id == "accuracy");
        var test = (Scatter)PlotlyDrawing.Traces(accuracy, new Window(34, 57), false)[1];
        Assert.Equal([30L, 40L, 50L, 60L], test.X);
    }

    [Fact]
    public void How_far_the_eigenvectors_turned_in_an_instability_is_the_mean_between_its_ends()
    {
        using var place = new TemporaryFolder();
        var data = SyntheticRun.Usual(500);
        var run = new LiveRun("a", SyntheticFolder.Write(place["a"], data), TimeProvider.System).Look();
        var cycle = data.Summary!.Cycles[1];
        var inside = data
            .Curvature.Where(record =>
                record.Step >= cycle.Onset && record.Step <= cycle.Resolution && record.Flip is not null
            )
            .Select(record => record.Flip!)
            .ToArray();
        var turn = InstabilityTurn.FromCycle(run, cycle, "flip");
        Assert.Equal(inside.Length, turn.Count);
        // Over training time: four pairs of steps ten apart, and step 171 alone.
        double[] weights = [2.75, 2.75, 5, 5, 5, 5, 5, 5, 4.5];
        double Mean(Func<Gyre.Lab.RunFiles.RotationRecord, double> of) =>
            inside.Zip(weights, (flip, weight) => weight * of(flip)).Sum() / weights.Sum();
        Assert.Equal(Mean(flip => flip.Rotation), turn.Mean, 12);
        Assert.Equal(Mean(flip => 1 - flip.OverlapHigh), turn.Low, 12);
        Assert.Equal(Mean(flip => 1 - flip.OverlapLow), turn.High, 12);
    }

    [Fact]
    public void While_a_run_goes_what_has_no_new_point_is_the_same_chart()
    {
        var data = SyntheticRun.Usual(400) with { Summary = null };
        IReadOnlyList<Chart> After(int steps, int measurements) =>
            Charts(
                data with
                {
                    Steps = [.. data.Steps.Take(steps)],
                    Curvature = [.. data.Curvature.Take(measurements)],
                }
            );
        var (before, stepped, measured, later) = (After(303, 90), After(304, 90), After(304, 91), After(340, 90));
        bool Same(IReadOnlyList<Chart> charts, string id) =>
            charts.Single(chart => chart.Id == id).Like(before.Single(chart => chart.Id == id));
        Assert.False(Same(stepped, "loss"));
        Assert.True(Same(stepped, "eigenvalues"));
        Assert.True(Same(stepped, "rotation"));
        Assert.False(Same(measured, "eigenvalues"));
        Assert.False(Same(later, "eigenvalues")); // whose axis has moved on with the others
    }

    [Fact]
    public void Names_are_text_for_what_draws_them()
    {
        var chart = new Chart(
            "x",
            "t",
            "<a href='x'>",
            "y & z",
            [new Line("<b>name</b>", new[] { 1.0 }, new[] { 1.0 }, OkabeIto.Blue)]
        );
        Assert.Equal("&lt;b&gt;name&lt;/b&gt;", ((Scatter)PlotlyDrawing.Traces(chart, Window.All, false)[0]).Name);
        var layout = PlotlyDrawing.Layout(chart, Window.All, false);
        Assert.Equal("&lt;a href='x'&gt;", layout.XAxis[0].Title.Text);
        Assert.Equal("y &amp; z", layout.YAxis[0].Title.Text);
    }

    [Fact]
    public void On_a_logarithmic_scale_what_is_not_above_zero_has_no_point()
    {
        var chart = new Chart(
            "x",
            "t",
            "x",
            "y",
            [new Line("a", new[] { 1.0, 2, 3 }, new[] { 1.0, 0, -5 }, OkabeIto.Blue)]
        );
        Assert.Equal([1L, null, null], ((Scatter)PlotlyDrawing.Traces(chart, Window.All, true)[0]).Y);
    }

    [Fact]
    public void The_table_behind_a_chart_has_every_point()
    {
        var data = SyntheticRun.Create(9000, step => 1.0 / (step + 1), step => 5, 0, 4);
        var table = ChartFiles.Table(Charts(data).Single(chart => chart.Id == "loss"));
        Assert.Equal(["line", "step", "loss", "low", "high"], table.Columns.Select(column => column.Name));
        var training = table.Rows.Where(row => (string)row[0]! == "training").ToArray();
        Assert.Equal(data.Steps.Select(step => step.Loss), training.Select(row => (double)row[2]!));
    }

    [Fact]
    public void The_table_behind_a_map_has_every_cell()
    {
        var map = new HeatMap(
            [1.0, 2.0],
            [10.0, 20.0],
            [
                [0.1, double.NaN],
                [0.3, 0.4],
            ],
            "overlap"
        );
        var table = ChartFiles.Table(new Chart("m", "", "step", "step", []) { Map = map });
        Assert.Equal(["step", "step_2", "overlap"], table.Columns.Select(column => column.Name));
        Assert.Equal(
            [
                [1.0, 10.0, 0.1],
                [2.0, 10.0, null],
                [1.0, 20.0, 0.3],
                [2.0, 20.0, 0.4],
            ],
            table.Rows
        );
    }

    private static IReadOnlyList<Chart> Charts(RunFigureData data, string query = "") =>
        RunCharts.Create(Read(data), ViewAddress.Parse($"run/a{query}"));

    private static RunSnapshot Read(RunFigureData data)
    {
        using var place = new TemporaryFolder();
        return new LiveRun("a", SyntheticFolder.Write(place["a"], data), TimeProvider.System).Look();
    }

    private static Line Line(IReadOnlyList<Chart> charts, string chart, string line) =>
        charts.Single(one => one.Id == chart).Lines.Single(one => one.Name == line);
}
