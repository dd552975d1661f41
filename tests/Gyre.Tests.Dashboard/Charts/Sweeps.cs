using Gyre.Dashboard.Charts;
using Gyre.Dashboard.Reading;
using Gyre.Lab.Figures;
using Gyre.Lab.RunFiles;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.Dashboard.Charts;

/// <summary>Sweeps as they are after they were read.</summary>
internal static class Sweeps
{
    /// <summary>Of a sweep that never was; cells that are not done are open.</summary>
    public static SweepSnapshot Read(this SyntheticSweep sweep) => Create(sweep.Data());

    /// <summary>Of a plan, with the finished cells of the data.</summary>
    public static SweepSnapshot Create(SweepReportData data)
    {
        var finished = data.Finished.ToDictionary(cell => cell.Measures.Cell.Folder);
        return new SweepSnapshot
        {
            Key = "sweeps/a",
            Plan = data.Plan,
            Data = data,
            Cells = [.. data.Plan.Cells.Select(cell => State(cell, finished.GetValueOrDefault(cell.Folder)))],
        };
    }

    /// <summary>A cell, finished where there is a series.</summary>
    public static SweepCellState State(SweepCellRecord cell, CellSeries? series) =>
        new(cell, series is null ? null : Row(cell, SnakeCase.Spaced(series.Measures.Outcome), 60), series, true);

    /// <summary>A run of a cell.</summary>
    public static RunRow Row(SweepCellRecord cell, string outcome, long steps) =>
        new()
        {
            Found = new Found($"sweeps/a/cells/{cell.Folder}", "", FoundKind.Run, "sweeps/a"),
            Name = cell.Folder,
            Outcome = outcome,
            Steps = steps,
            FinalAccuracy = 50,
        };

    /// <summary>An address of its page.</summary>
    public static ViewAddress At(string query = "") => ViewAddress.Parse($"sweep/sweeps/a{query}");

    /// <summary>A chart against the step size by its name.</summary>
    public static Chart Chart(this SweepSnapshot sweep, string id, string query = "") =>
        SweepCharts.Create(sweep, At(query)).Single(chart => chart.Id == id);

    /// <summary>A line by its name.</summary>
    public static Line Line(this Chart chart, string name) => chart.Lines.Single(line => line.Name == name);
}
