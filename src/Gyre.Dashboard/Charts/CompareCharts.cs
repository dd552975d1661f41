using Gyre.Dashboard.Reading;
using Gyre.Lab.Quantities;

namespace Gyre.Dashboard.Charts;

/// <summary>Compares runs: one chart per chosen quantity, with one line per run.</summary>
internal static class CompareCharts
{
    /// <summary>
    /// The maximum number of runs drawn. With more, colors and dashes repeat too often to be distinguished.
    /// </summary>
    public const int MostRuns = 24;

    private const int ColorsAtHand = 7;

    private static readonly double[] Ones = [1, 1];

    /// <summary>The quantities compared if an address names none.</summary>
    public static IReadOnlyList<string> Usual { get; } = ["loss", "test-accuracy", "over-threshold", "drift"];

    /// <summary>Returns the runs that an address names and that exist, in its order.</summary>
    public static IReadOnlyList<RunSnapshot> Runs(RunLibrary library, ViewAddress address) =>
        [.. address.All("run").Distinct().Take(MostRuns).Select(library.Run).OfType<RunSnapshot>()];

    /// <summary>Returns the quantities that an address names, or the default ones.</summary>
    public static IReadOnlyList<Quantity> Quantities(ViewAddress address)
    {
        var named = address.All("key").ToArray();
        return [.. QuantityCatalog.All.Where(quantity => (named.Length > 0 ? named : Usual).Contains(quantity.Id))];
    }

    /// <summary>Returns one chart per quantity.</summary>
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
    /// Returns names that distinguish the runs: a run's name, the name of its folder if other runs have the same
    /// name, or its key if other folders have the same name too.
    /// </summary>
    public static IReadOnlyList<string> Names(IReadOnlyList<RunSnapshot> runs) =>
        [.. runs.Select(run => NameAmong(runs, run))];

    private static string NameAmong(IReadOnlyList<RunSnapshot> runs, RunSnapshot run)
    {
        if (runs.Count(other => other.Name == run.Name) == 1)
            return run.Name;
        return runs.Count(other => Leaf(other) == Leaf(run)) == 1 ? Leaf(run) : run.Key;
    }

    /// <summary>Returns the color of a run by its position.</summary>
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
            return "The edge of stability is at 1 for every learning rate.";
        return quantity.Band.Length > 0 ? $"Bands: {quantity.Band}." : "";
    }

    private static string Leaf(RunSnapshot run) => run.Key.Split('/')[^1];
}
