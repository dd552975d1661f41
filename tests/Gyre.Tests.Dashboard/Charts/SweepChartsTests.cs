using Gyre.Dashboard.Charts;
using Gyre.Lab.Statistics;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.Dashboard.Charts;

/// <summary>Charts against the step size hold what the sweep's cells hold.</summary>
public class SweepChartsTests
{
    private static readonly SyntheticSweep Wide = new([0.01, 0.02, 0.1, 0.5, 1], 3) { DivergesFrom = 1 };

    [Fact]
    public void Means_and_bars_are_the_t_intervals_over_seeds()
    {
        var line = Wide.Read().Chart("accuracy").Line("mean over seeds");
        Assert.Equal([0.01, 0.02, 0.1, 0.5], line.X.ToArray(), new Near());
        for (var i = 0; i < line.X.Length; i++)
        {
            var wanted = MeanInterval.Student(
                [.. Enumerable.Range(0, 3).Select(seed => 100 * SyntheticSweep.Accuracy(line.X.Span[i], seed))],
                Bounds.Share.Times(100)
            );
            Assert.Equal(wanted.Value, line.Y.Span[i], 9);
            Assert.Equal(wanted.Low, line.Low.Span[i], 9);
            Assert.Equal(wanted.High, line.High.Span[i], 9);
        }
        Assert.True(line.Bars);
    }

    [Fact]
    public void Single_seeds_are_rings_and_runs_that_diverged_crosses_below_all_accuracies()
    {
        var chart = Wide.Read().Chart("accuracy");
        Assert.Equal(4 * 3, chart.Line("one seed").Y.Length);
        var diverged = chart.Line("diverged (no accuracy)");
        Assert.Equal([1, 1, 1], diverged.X.ToArray());
        Assert.Equal(LineMark.Cross, diverged.Mark);
        Assert.All(
            diverged.Y.ToArray(),
            y => Assert.InRange(y, chart.Range!.Value.Low, chart.Line("one seed").Y.ToArray().Min())
        );
    }

    [Fact]
    public void Regions_reach_from_half_way_to_half_way_on_the_axis_and_cover_it()
    {
        var chart = Wide.Read().Chart("accuracy");
        var shades = chart.Shades;
        Assert.Equal(chart.Across!.Value.From, shades[0].From, 12);
        Assert.Equal(chart.Across!.Value.To, shades[^1].To, 12);
        Assert.Equal(4, shades.Count); // two stable rates are one region
        Assert.Equal(Math.Sqrt(0.02 * 0.1), shades[0].To, 12);
        Assert.Equal(Math.Sqrt(0.1 * 0.5), shades[1].To, 12);
        for (var i = 1; i < shades.Count; i++)
            Assert.Equal(shades[i - 1].To, shades[i].From, 12);
    }

    [Fact]
    public void Regions_are_named_where_there_is_room_and_else_lettered_and_the_note_says_what_letters_are()
    {
        var chart = Wide.Read().Chart("accuracy");
        Assert.Equal(["stable", "edge of stability", "catapult", "D"], chart.Shades.Select(shade => shade.Label));
        Assert.Contains("S stable, E edge of stability, C catapult, D diverged", chart.Note, StringComparison.Ordinal);
        Assert.Equal(chart.Shades.Count, chart.Shades.Select(shade => shade.Color).Distinct().Count());
    }

    [Fact]
    public void Edge_units_go_across_where_the_address_says_so()
    {
        var chart = Wide.Read().Chart("accuracy", "?axis=edge");
        Assert.Equal([0.02, 0.04, 0.2, 1], chart.Line("mean over seeds").X.ToArray(), new Near());
        Assert.Equal("learning rate, edge units", chart.XLabel);
        Assert.Equal(Math.Sqrt(0.04 * 0.2), chart.Shades[0].To, 12);
    }

    [Fact]
    public void The_threshold_is_the_edge_at_each_rate()
    {
        var sweep = Wide.Read();
        var line = sweep.Chart("sharpness").Line("threshold");
        Assert.Equal(
            sweep.Data!.Groups.Where(group => group.Sound.Count > 0).Select(group => group.Threshold),
            line.Y.ToArray()
        );
        Assert.True(line.Dashed);
        Assert.Equal(
            [3 / 0.01, 3 / 0.02, 3 / 0.1, 3 / 0.5],
            sweep.Chart("sharpness").Line("largest").Y.ToArray(),
            new Near()
        );
    }

    [Fact]
    public void Other_axes_are_lines_of_their_own_told_apart_by_mark_and_color_and_one_can_be_chosen()
    {
        var sweep = (SyntheticSweep.Usual with { Activations = ["\"relu\"", "\"tanh\""] }).Read();
        var both = sweep.Chart("accuracy");
        var (relu, tanh) = (both.Line("relu"), both.Line("tanh"));
        Assert.NotEqual(relu.Mark, tanh.Mark);
        Assert.NotEqual(relu.Color, tanh.Color);
        Assert.All(
            new[] { sweep.Chart("sharpness"), sweep.Chart("rotation") },
            chart =>
                Assert.All(
                    chart.Lines.GroupBy(line => line.Color),
                    same => Assert.Equal(same.Count(), same.Select(line => (line.Mark, line.Dashed)).Distinct().Count())
                )
        );
        Assert.Empty(both.Shades); // regions of two series would cover each other
        Assert.Contains("Choose one series", both.Note, StringComparison.Ordinal);
        var one = sweep.Chart("accuracy", $"?series={Uri.EscapeDataString("model.activation \"tanh\"")}");
        Assert.Equal(tanh.Y.ToArray(), one.Line("mean over seeds").Y.ToArray());
        Assert.NotEmpty(one.Shades);
    }

    [Fact]
    public void The_measure_of_the_address_has_a_chart()
    {
        var sweep = Wide.Read();
        Assert.Equal("Peak sharpness", sweep.Chart("measure", "?measure=peak%20sharpness").Title);
        Assert.Equal("Training accuracy", sweep.Chart("measure", "?measure=nonsense").Title);
        Assert.All(
            SweepMeasures.Catalog,
            measure => Assert.NotNull(SweepMeasures.Get(measure.Name, SweepMeasures.Accuracy))
        );
    }

    [Fact]
    public void An_axis_of_accuracy_ends_where_accuracy_does()
    {
        var chart = (SyntheticSweep.Usual with { Seeds = 2 }).Read().Chart("measure", "?measure=test%20accuracy");
        Assert.InRange(chart.Range!.Value.High, 0, 103);
    }

    [Fact]
    public void Before_anything_is_finished_there_is_no_chart_against_the_step_size()
    {
        var sweep = (SyntheticSweep.Usual with { Done = 0 }).Read();
        Assert.Empty(SweepCharts.AgainstRate(sweep, Sweeps.At()));
        Assert.Equal(
            ["map", "branches"],
            new[]
            {
                SweepGrid.FromSweep(sweep).Chart(Sweeps.At()).Id,
                SweepBranches.FromSweep(sweep, Sweeps.At()).Chart(Sweeps.At()).Id,
            }
        );
    }

    [Fact]
    public void Without_measurements_there_is_accuracy_alone()
    {
        var charts = SweepCharts.AgainstRate((SyntheticSweep.Usual with { Measured = false }).Read(), Sweeps.At());
        Assert.Contains(charts, chart => chart.Id == "accuracy");
        Assert.DoesNotContain(charts, chart => chart.Id == "rotation");
    }

    [Fact]
    public void The_axis_does_not_move_while_cells_finish()
    {
        var ends = new[] { 0.2, 0.6, 1 }
            .Select(done => (Wide with { Done = done }).Read().Chart("accuracy").Across)
            .Distinct();
        Assert.Single(ends);
    }

    [Theory]
    [InlineData(0.013, 0.72, 3, 8)]
    [InlineData(1e-6, 1e7, 3, 8)]
    [InlineData(1.1, 1.2, 0, 0)]
    [InlineData(0, 1, 0, 0)]
    [InlineData(-1, 1, 0, 0)]
    [InlineData(1, double.PositiveInfinity, 0, 0)]
    public void Logarithmic_axes_have_a_handful_of_labels_within_their_ends(
        double low,
        double high,
        int fewest,
        int most
    )
    {
        var ticks = LogTicks.Create(low, high);
        Assert.InRange(ticks.Count, fewest, most);
        Assert.All(ticks, tick => Assert.InRange(tick.At, low, high));
        Assert.Equal(ticks.Select(tick => tick.At).Order(), ticks.Select(tick => tick.At));
        Assert.All(ticks, tick => Assert.Equal(NumberText.Format(tick.At, 3), tick.Text));
    }

    private sealed class Near : IEqualityComparer<double>
    {
        public bool Equals(double x, double y) => Math.Abs(x - y) <= 1e-9 * Math.Abs(x);

        public int GetHashCode(double obj) => 0;
    }
}
