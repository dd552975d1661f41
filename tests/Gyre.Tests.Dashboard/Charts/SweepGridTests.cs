using Gyre.Dashboard.Charts;
using Gyre.Dashboard.Reading;
using Gyre.Lab.Exports;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.Dashboard.Charts;

/// <summary>The map of rate and seed.</summary>
public class SweepGridTests
{
    [Fact]
    public void Rates_rise_to_the_right_with_reductions_behind_and_seeds_go_down()
    {
        var grid = SweepGrid.FromSweep(SyntheticSweep.Usual.Read());
        Assert.Equal(["0.02", "0.1", "0.5", "0.5 → 0.02"], grid.Columns.Select(column => column.Short));
        Assert.Equal([0, 1, 2], grid.Rows.Select(row => row.Seed));
        var chart = grid.Chart(Sweeps.At());
        Assert.Equal(["2", "1", "0"], chart.TicksY.Select(tick => tick.Text));
        Assert.Equal(100 * SyntheticSweep.Accuracy(0.1, 2), chart.Map!.Z[0][1], 9); // the last seed is lowest
        Assert.Equal(100 * SyntheticSweep.Accuracy(0.02, 0), chart.Map.Z[2][0], 9);
    }

    [Fact]
    public void A_click_finds_the_cell_whose_number_is_there()
    {
        var grid = SweepGrid.FromSweep(SyntheticSweep.Usual.Read());
        var map = grid.Chart(Sweeps.At()).Map!;
        for (var y = 0; y < map.Y.Count; y++)
        {
            for (var x = 0; x < map.X.Count; x++)
                Assert.Equal(map.Z[y][x], grid.At((double)map.X[x], (double)map.Y[y])!.Accuracy, 9);
        }
        Assert.Null(grid.At(-1, 0));
        Assert.Null(grid.At(0, 3));
        Assert.Null(grid.At(double.NaN, 0));
    }

    [Fact]
    public void What_is_not_finished_and_what_diverged_has_no_number_and_a_mark()
    {
        var sweep = (SyntheticSweep.Usual with { DivergesFrom = 0.5, Done = 0.5, Forks = false }).Read();
        var running = sweep.Cells[^1] with { Row = Sweeps.Row(sweep.Cells[^1].Cell, RunRow.Running, 10) };
        sweep = sweep with { Cells = [.. sweep.Cells.SkipLast(1), running] };
        var chart = SweepGrid.FromSweep(sweep).Chart(Sweeps.At());
        Assert.Equal(
            sweep.Cells.Count(cell => cell.Finished && cell.Outcome != "diverged"),
            chart.Map!.Z.Sum(row => row.Count(double.IsFinite))
        );
        Assert.Equal((2, 0), (chart.Line(RunRow.Running).X.Span[0], chart.Line(RunRow.Running).Y.Span[0]));
        Assert.NotEqual(chart.Line(RunRow.Running).Mark, chart.Line("diverged").Mark);
        Assert.All(
            chart.Map.Z.Zip(chart.Map.Texts).SelectMany(row => row.First.Zip(row.Second)),
            cell => Assert.Equal(double.IsNaN(cell.First), cell.Second.Length == 0)
        );
    }

    [Fact]
    public void Outcomes_are_told_by_letter_and_the_note_says_what_letters_are()
    {
        var chart = SweepGrid.FromSweep(SyntheticSweep.Usual.Read()).Chart(Sweeps.At("?map=outcome"));
        Assert.Equal(["S", "E", "C", "C"], chart.Map!.Texts[0]);
        Assert.Contains("S stable, E edge of stability, C catapult", chart.Note, StringComparison.Ordinal);
        Assert.Equal(chart.Map.Classes.Count, chart.Map.Names.Count);
    }

    [Fact]
    public void Every_outcome_has_a_letter_of_its_own_and_every_one_of_a_run_a_mark()
    {
        Assert.Equal(OutcomeStyle.All.Count, OutcomeStyle.All.Select(style => style.Letter).Distinct().Count());
        var runs = OutcomeStyle.All.Where(style => style.Name != "mixed").ToArray();
        Assert.Equal(runs.Length, runs.Select(style => style.Mark).Distinct().Count());
        Assert.All(Gyre.Lab.Figures.OutcomeRegions.Kinds, kind => Assert.Equal(kind, OutcomeStyle.Get(kind).Name));
        Assert.Equal("mixed", OutcomeStyle.Get("2 stable, 1 catapult").Name);
    }

    [Fact]
    public void Other_axes_are_rows()
    {
        var grid = SweepGrid.FromSweep(
            (SyntheticSweep.Usual with { Activations = ["\"relu\"", "\"tanh\""], Forks = false }).Read()
        );
        Assert.Equal(3, grid.Columns.Count);
        Assert.Equal(
            ["relu, seed 0", "relu, seed 1", "relu, seed 2", "tanh, seed 0", "tanh, seed 1", "tanh, seed 2"],
            grid.Rows.Select(row => row.Name)
        );
        Assert.All(grid.Cells.SelectMany(row => row), Assert.NotNull);
    }

    [Fact]
    public void Its_table_has_the_names_of_rates_and_outcomes()
    {
        using var whole = new MemoryStream();
        CsvFormat.Write(
            ChartFiles.Table(SweepGrid.FromSweep(SyntheticSweep.Usual.Read()).Chart(Sweeps.At("?map=outcome"))),
            whole
        );
        var lines = System.Text.Encoding.UTF8.GetString(whole.ToArray()).Split("\r\n");
        Assert.Equal("learning_rate,seed,outcome", lines[0]);
        Assert.Contains("0.1,2,edge of stability", lines);
        Assert.Contains("0.5 → 0.02,0,catapult", lines);
    }
}
