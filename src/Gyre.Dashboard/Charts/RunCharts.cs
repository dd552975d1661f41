using Gyre.Dashboard.Reading;

namespace Gyre.Dashboard.Charts;

/// <summary>The charts of a run.</summary>
internal static class RunCharts
{
    private const int RelatedPairs = 6;
    private const int MostShares = 10;

    /// <summary>Value of <c>axis</c> in an address: training time goes across instead of steps.</summary>
    public const string TimeAxis = "time";

    /// <summary>Every chart that has something to show. Cost: in proportion to the run's length.</summary>
    public static IReadOnlyList<Chart> Of(RunSnapshot run, ViewAddress address)
    {
        var view = new RunView(run, address["axis"] == TimeAxis);
        Chart[] charts =
        [
            Loss(view),
            Accuracy(view),
            Sharpness(view),
            Eigenvalues(view),
            Rotation(view),
            Alignment(view),
            Shares(view),
            Products(view),
            Seconds(view),
            Rates(view),
        ];
        var shades = view.Shades();
        return [.. charts.Where(chart => !chart.Empty).Select(chart => chart with { Shades = shades })];
    }

    private static Chart Loss(RunView view) =>
        view.Chart(
            "loss",
            "Loss",
            "loss",
            [view.Step("training", "loss", Colors.Blue), view.Step("test", "test_loss", Colors.Vermilion)]
        ) with
        {
            Logarithmic = true,
        };

    private static Chart Accuracy(RunView view) =>
        view.Chart(
            "accuracy",
            "Accuracy",
            "accuracy, %",
            [view.Step("training", "accuracy", Colors.Blue), view.Step("test", "test_accuracy", Colors.Vermilion)]
        );

    private static Chart Sharpness(RunView view)
    {
        Line[] lines =
        [
            view.Measured("sharpness", "sharpness", Colors.Blue),
            view.Threshold() with
            {
                Shape = LineShape.Held,
                Dashed = true,
                Width = 2,
            },
            .. view.IfMeasured("of the Hessian itself", "hessian_sharpness", Colors.Green),
            .. view.IfMeasured("batch sharpness", "batch_sharpness", Colors.Vermilion),
        ];
        return view.Chart("sharpness", "Sharpness against the threshold", "sharpness", lines) with
        {
            Note =
                "Gradient descent is stable while sharpness is below the threshold, 2/eta. Shaded: "
                + "instabilities, which begin and end at measured steps.",
        };
    }

    private static Chart Eigenvalues(RunView view)
    {
        var ranks = Enumerable
            .Range(0, RelatedPairs)
            .TakeWhile(rank => view.Curvature.Has(RunColumns.Eigenvalue(rank)))
            .ToArray();
        return view.Chart(
            "eigenvalues",
            "Leading eigenvalues, and the smallest",
            "eigenvalue",
            [
                .. ranks.Select(rank => view.Measured($"λ{rank + 1}", RunColumns.Eigenvalue(rank), Colors.At(rank))),
                view.Measured("smallest, where converged", "lambda_min", Colors.Grey) with
                {
                    Dashed = true,
                },
            ]
        );
    }

    private static Chart Rotation(RunView view) =>
        view.Chart(
            "rotation",
            "Rotation of the leading eigenvectors",
            "1 − overlap",
            [
                .. view.Turned("flip, lag 1", "flip", Colors.Vermilion),
                .. view.Turned("drift per bounce, lag 2", "drift_per_bounce", Colors.Green),
                .. view.Turned("drift, between bursts", "drift", Colors.Blue),
                .. view.Turned("across instabilities", "across", Colors.Orange),
                .. view.Turned("re-solve baseline", "resolve", Colors.Purple),
            ]
        ) with
        {
            Range = (-0.03, 1.03),
            Note =
                "0: the same space; 1: orthogonal. Bands: what the angle error bars "
                + $"allow.{(double.IsFinite(view.Curvature.Last("chance")) ? FormattableString.Invariant($" Between random spaces: {view.Curvature.Last("chance"):0.####}.") : "")}",
        };

    private static Chart Alignment(RunView view) =>
        view.Chart(
            "alignment",
            "Share of the gradient in the leading eigenvectors' span",
            "share",
            [view.Measured("gradient alignment", "gradient_alignment", Colors.Blue)]
        ) with
        {
            Range = (-0.03, 1.03),
        };

    private static Chart Shares(RunView view)
    {
        var names = view
            .Curvature.Columns.Keys.Where(name => name.StartsWith(RunColumns.Share, StringComparison.Ordinal))
            .OrderByDescending(name => Mean(view.Curvature[name].Span))
            .ToArray();
        return view.Chart(
            "shares",
            "Where v1 lies: its share by parameter tensor",
            "share of ‖v1‖², %",
            [
                .. names
                    .Take(MostShares)
                    .Select(
                        (name, i) =>
                            view.Measured(name[RunColumns.Share.Length..], name, Colors.At(i)) with
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
                    ? FormattableString.Invariant($"The {MostShares} largest of {names.Length} tensors, by their mean.")
                    : "",
        };
    }

    private static Chart Products(RunView view) =>
        view.Chart(
            "products",
            "Hessian-vector products a measurement",
            "products",
            [view.Measured("products", "products", Colors.Blue) with { Shape = LineShape.Marks }]
        );

    private static Chart Seconds(RunView view) =>
        view.Chart(
            "time",
            "Time spent, summed",
            "seconds",
            [
                .. new[]
                {
                    ("curvature", Colors.Vermilion),
                    ("gradient", Colors.Blue),
                    ("evaluation", Colors.Green),
                    ("files", Colors.Purple),
                }.Select(part => view.Summed(part.Item1, part.Item2)),
                // Only several ranks have these.
                .. new[] { ("exchange", Colors.Orange), ("waiting", Colors.Sky) }
                    .Where(part => view.Run.Timings.Columns.ContainsKey(part.Item1))
                    .Select(part => view.Summed(part.Item1, part.Item2)),
            ]
        );

    private static Chart Rates(RunView view)
    {
        var rates = view.Step("eta", "learning_rate", Colors.Blue) with { Shape = LineShape.Held };
        var largest = LineEnds.Of(rates).Most;
        return view.Chart("rate", "Step size", "eta", [rates]) with
        {
            Height = 180,
            Range = largest > 0 ? (0, 1.15 * largest) : null,
        };
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

/// <summary>A run's columns as lines over steps or training time.</summary>
/// <param name="Run">The run.</param>
/// <param name="Time">Whether training time goes across.</param>
internal sealed record RunView(RunSnapshot Run, bool Time)
{
    private const double Strides = 16;

    private readonly Dictionary<NumberTable, ReadOnlyMemory<double>> _across = [];

    /// <summary>Its measurements.</summary>
    public NumberTable Curvature => Run.Curvature;

    /// <summary>A chart over this axis.</summary>
    public Chart Chart(string id, string title, string label, IReadOnlyList<Line> lines) =>
        new(id, title, Time ? "training time, Σ eta" : "step", label, lines) { Across = Ends };

    /// <summary>
    /// From the first step to the last, with a hair's breadth so that marks at the ends are whole. Of a run that goes
    /// the end moves on a sixteenth at a time: what has no new point then need not be drawn again.
    /// </summary>
    public (double From, double To)? Ends
    {
        get
        {
            if (Run.Steps.Count < 2)
                return null;
            var (from, to) = (Place(Run.Steps.Steps[0]), Place(Run.Steps.Steps[^1]));
            if (!(to > from))
                return null;
            if (!Time && Run.Summary is null && Math.Pow(2, Math.Floor(Math.Log2(to / Strides))) is >= 1 and var stride)
                to = stride * Math.Ceiling(to / stride);
            return (from - 0.01 * (to - from), to + 0.01 * (to - from));
        }
    }

    /// <summary>A column of the steps.</summary>
    public Line Step(string name, string column, string color) => Of(Run.Steps, name, column, color);

    /// <summary>A column of the measurements.</summary>
    public Line Measured(string name, string column, string color) =>
        Of(Curvature, name, column, color) with
        {
            Dotted = true,
        };

    /// <summary>The same where there is such a column.</summary>
    public IEnumerable<Line> IfMeasured(string name, string column, string color) =>
        Curvature.Has(column) ? [Measured(name, column, color)] : [];

    /// <summary>A rotation with what its error bars allow, where it was measured.</summary>
    public IEnumerable<Line> Turned(string name, string column, string color)
    {
        if (!Curvature.Has(column))
            yield break;
        yield return Measured(name, column, color) with
        {
            Low = Column(Curvature, $"{column}_low"),
            High = Column(Curvature, $"{column}_high"),
            Shape = LineShape.Straight,
        };
    }

    /// <summary>Seconds of a part, summed over the steps.</summary>
    public Line Summed(string part, string color)
    {
        var (sum, seconds) = (0.0, Column(Run.Timings, part).ToArray());
        for (var i = 0; i < seconds.Length; i++)
            seconds[i] = sum += double.IsFinite(seconds[i]) ? seconds[i] : 0;
        return new Line(part, Across(Run.Timings), seconds, color);
    }

    /// <summary>The threshold of every step: that of the latest measurement, which goes as one over eta.</summary>
    public Line Threshold()
    {
        var (steps, measured) = (Run.Steps[GrowingTable.Step].ToArray(), Curvature[GrowingTable.Step].ToArray());
        var (rates, thresholds) = (
            Column(Run.Steps, "learning_rate").ToArray(),
            Column(Curvature, "threshold").ToArray()
        );
        var values = new double[steps.Length];
        var (next, unit) = (0, double.NaN);
        for (var i = 0; i < steps.Length; i++)
        {
            for (; next < measured.Length && measured[next] <= steps[i]; next++)
                unit = thresholds[next] * rates[i];
            values[i] = unit / rates[i];
        }
        return new Line("threshold", Across(Run.Steps), values, Colors.Grey);
    }

    /// <summary>The instabilities.</summary>
    public IReadOnlyList<Shade> Shades()
    {
        var last = Math.Max(Run.LastStep, 0);
        return
        [
            .. Run
                .Cycles.Select(cycle => new Shade(
                    Place(cycle.Onset),
                    Place(cycle.Resolution ?? last),
                    FormattableString.Invariant($"{cycle.Number}")
                ))
                .Where(shade => double.IsFinite(shade.From) && double.IsFinite(shade.To)),
        ];
    }

    private Line Of(NumberTable table, string name, string column, string color) =>
        new(name, Across(table), Column(table, column), color);

    private static ReadOnlyMemory<double> Column(NumberTable table, string column) =>
        table[column] is { Length: > 0 } values ? values : Enumerable.Repeat(double.NaN, table.Count).ToArray();

    private ReadOnlyMemory<double> Across(NumberTable table)
    {
        if (!Time)
            return table[GrowingTable.Step];
        if (!_across.TryGetValue(table, out var across))
            _across[table] = across = table[GrowingTable.Step].ToArray().Select(Place).ToArray();
        return across;
    }

    private double Place(double step)
    {
        if (!Time)
            return step;
        var place = Run.Steps.Steps.BinarySearch(step);
        return place < 0 ? double.NaN : Run.Steps["time"].Span[place];
    }

    private double Place(long step) => Place((double)step);
}
