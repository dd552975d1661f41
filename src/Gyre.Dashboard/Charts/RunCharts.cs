using Gyre.Dashboard.Reading;
using Gyre.Lab.Quantities;

namespace Gyre.Dashboard.Charts;

/// <summary>
/// The charts of a run: the panels of <see cref="QuantityPanel"/>, the shares of v1, and the time spent.
/// </summary>
internal static class RunCharts
{
    private const int MostShares = 10;

    /// <summary>Value of <c>axis</c> in an address: the horizontal axis is training time instead of steps.</summary>
    public const string TimeAxis = "time";

    /// <summary>Returns every chart that has content. Cost: proportional to the length of the run.</summary>
    public static IReadOnlyList<Chart> Create(RunSnapshot run, ViewAddress address)
    {
        var view = new RunView(run, address["axis"] == TimeAxis);
        var charts = QuantityPanel.Catalog.Select(panel => Create(panel, view)).ToList();
        Insert(Shares(view), QuantityPanel.Alignment);
        Insert(Seconds(view), QuantityPanel.Products);
        var shades = view.Shades();
        return [.. charts.Where(chart => !chart.Empty).Select(chart => chart with { Shades = shades })];

        void Insert(Chart chart, QuantityPanel after) =>
            charts.Insert(1 + charts.FindIndex(other => other.Id == after.Id), chart);
    }

    /// <summary>Returns a panel with the lines of its quantities and its specific note or range.</summary>
    private static Chart Create(QuantityPanel panel, RunView view)
    {
        var chart = view.Chart(panel);
        if (panel == QuantityPanel.Sharpness)
            return Sharpness(chart);
        if (panel == QuantityPanel.Rotation)
            return Rotation(chart, view);
        if (panel == QuantityPanel.Trace)
            return chart with { Note = $"Band: {QuantityCatalog.DrawnIn(panel)[0].Band}." };
        return panel == QuantityPanel.LearningRate ? StepSize(chart) : chart;
    }

    private static Chart Sharpness(Chart chart) =>
        chart with
        {
            Note =
                "Gradient descent is stable while sharpness is below the threshold, 2/eta. Shading: "
                + "instabilities, which begin and end at measured steps.",
        };

    private static Chart Rotation(Chart chart, RunView view)
    {
        var chance = view.Curvature.Last(RunColumns.Chance);
        return chart with
        {
            Note =
                "0: the same space; 1: orthogonal spaces. Bands: the range that the angle error bars allow."
                + (double.IsFinite(chance) ? FormattableString.Invariant($" Random spaces: {chance:0.####}.") : ""),
        };
    }

    private static Chart Shares(RunView view)
    {
        var names = view
            .Curvature.Columns.Keys.Where(name => name.StartsWith(RunColumns.Share, StringComparison.Ordinal))
            .OrderByDescending(name => Mean(view.Curvature[name].Span))
            .ToArray();
        return view.Chart(
            "shares",
            "Share of v1 by parameter tensor",
            "share of ‖v1‖², %",
            [
                .. names
                    .Take(MostShares)
                    .Select(
                        (name, i) =>
                            view.Measured(name[RunColumns.Share.Length..], name, OkabeIto.At(i)) with
                            {
                                Dashed = i >= 7,
                            }
                    ),
            ]
        ) with
        {
            Range = (-3, 103),
            Note =
                names.Length > MostShares
                    ? FormattableString.Invariant($"The {MostShares} largest of {names.Length} tensors, by mean share.")
                    : "",
        };
    }

    private static Chart Seconds(RunView view) =>
        view.Chart(
            "time",
            "Cumulative time",
            "seconds",
            [
                .. new[]
                {
                    ("curvature", OkabeIto.Vermilion),
                    ("gradient", OkabeIto.Blue),
                    ("evaluation", OkabeIto.Green),
                    ("files", OkabeIto.Purple),
                }.Select(part => view.Summed(part.Item1, part.Item2)),
                // Only runs with several ranks have these.
                .. new[] { ("exchange", OkabeIto.Orange), ("waiting", OkabeIto.Sky) }
                    .Where(part => view.Run.Timings.Columns.ContainsKey(part.Item1))
                    .Select(part => view.Summed(part.Item1, part.Item2)),
            ]
        );

    private static Chart StepSize(Chart chart)
    {
        var largest = chart.Lines.Select(line => LineEnds.FromLine(line).Most).DefaultIfEmpty(double.NaN).Max();
        return chart with { Height = 180, Range = largest > 0 ? (0, 1.15 * largest) : null };
    }

    private static double Mean(ReadOnlySpan<double> values)
    {
        var (sum, count) = (0.0, 0);
        foreach (var value in values)
        {
            if (double.IsFinite(value))
                (sum, count) = (sum + value, count + 1);
        }
        return count == 0 ? 0 : sum / count;
    }
}
