using Gyre.Dashboard.Reading;
using Gyre.Lab.Quantities;

namespace Gyre.Dashboard.Charts;

/// <summary>Runs over each other: a chart a chosen quantity, a line a run.</summary>
internal static class CompareCharts
{
    /// <summary>
    /// Runs that are drawn at most: of more, colors and dashes begin again too often to be told apart.
    /// </summary>
    public const int MostRuns = 24;

    private const int ColorsAtHand = 7;

    private static readonly double[] Ones = [1, 1];

    /// <summary>What is compared where an address does not say.</summary>
    public static IReadOnlyList<string> Usual { get; } = ["loss", "test-accuracy", "over-threshold", "drift"];

    /// <summary>The runs that an address names and that are there, in its order.</summary>
    public static IReadOnlyList<RunSnapshot> Runs(RunLibrary library, ViewAddress address) =>
        [.. address.All("run").Distinct().Take(MostRuns).Select(library.Run).OfType<RunSnapshot>()];

    /// <summary>The quantities that an address names, or the usual.</summary>
    public static IReadOnlyList<Quantity> Quantities(ViewAddress address)
    {
        var named = address.All("key").ToArray();
        return [.. QuantityCatalog.All.Where(quantity => (named.Length > 0 ? named : Usual).Contains(quantity.Id))];
    }

    /// <summary>A chart for each.</summary>
    public static IReadOnlyList<Chart> Create(IReadOnlyList<RunSnapshot> runs, ViewAddress address)
    {
        var time = address["axis"] == RunCharts.TimeAxis;
        var (views, names) = (runs.Select(run => new RunView(run, time)).ToArray(), Names(runs));
        return
        [
            .. Quantities(address)
                .Select(quantity => Create(quantity, views, names, time))
                .Where(chart => !chart.Empty),
        ];
    }

    /// <summary>
    /// What tells the runs apart: their names, and where these are the same, what follows them in the folder's name, or
    /// else the folder.
    /// </summary>
    public static IReadOnlyList<string> Names(IReadOnlyList<RunSnapshot> runs) =>
        [.. runs.Select(run => NameAmong(runs, run))];

    private static string NameAmong(IReadOnlyList<RunSnapshot> runs, RunSnapshot run)
    {
        if (runs.Count(other => other.Name == run.Name) == 1)
            return run.Name;
        return runs.Count(other => Leaf(other) == Leaf(run)) == 1 ? Leaf(run) : run.Key;
    }

    /// <summary>Color of a run by its place.</summary>
    public static string Color(int place) => OkabeIto.At(place);

    private static Chart Create(Quantity quantity, RunView[] views, IReadOnlyList<string> names, bool time)
    {
        Line[] lines =
        [
            .. views.Select(
                (view, i) =>
                    view.CreateLine(quantity, names[i], Color(i)) with
                    {
                        Dashed = i / ColorsAtHand % 2 == 1,
                        Width = i < ColorsAtHand ? 1.7 : 1.2,
                    }
            ),
        ];
        var ends = views.Select(view => view.Ends).OfType<(double From, double To)>().ToArray();
        if (quantity == QuantityCatalog.OverThreshold && ends.Length > 0)
            lines =
            [
                .. lines,
                new Line("threshold", new[] { ends.Min(end => end.From), ends.Max(end => end.To) }, Ones, OkabeIto.Gray)
                {
                    Dashed = true,
                },
            ];
        return new Chart(
            quantity.Id,
            char.ToUpperInvariant(quantity.Title[0]) + quantity.Title[1..],
            time ? "training time, Σ eta" : "step",
            quantity.Title,
            lines
        )
        {
            Logarithmic = quantity.Logarithmic,
            Range = quantity.Range,
            Across = ends.Length == 0 ? null : (ends.Min(end => end.From), ends.Max(end => end.To)),
            Height = 300,
            Note = Note(quantity),
        };
    }

    private static string Note(Quantity quantity)
    {
        if (quantity == QuantityCatalog.OverThreshold)
            return "1: the edge of stability, whatever the step size.";
        return quantity.Band.Length > 0 ? $"Bands: {quantity.Band}." : "";
    }

    private static string Leaf(RunSnapshot run) => run.Key.Split('/')[^1];
}
