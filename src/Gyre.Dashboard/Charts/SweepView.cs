using Gyre.Lab.Claims;
using Gyre.Lab.Figures;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Statistics;
using Gyre.Torch;

namespace Gyre.Dashboard.Charts;

/// <summary>The groups of a sweep along the axis of learning rates.</summary>
internal sealed class SweepView
{
    private const double Margin = 0.05; // share of the axis

    /// <summary>Creates the view that an address requests.</summary>
    public SweepView(SweepReportData data, ViewAddress address)
    {
        AllSeries = [.. data.Plan.Cells.Select(SeriesGroup.SeriesOf).Distinct().Order(StringComparer.Ordinal)];
        Series = address[SweepCharts.SeriesName] is { } chosen && AllSeries.Contains(chosen) ? chosen : null;
        HasEdge = data.Plan.Cells.Any(cell => cell.EdgeUnits > 0);
        Edge = HasEdge && address["axis"] == SweepCharts.EdgeAxis;
        Groups = Placed(data.Groups);
        Forks = Placed(data.Forks);
        var places = data
            .Plan.Cells.Select(Place)
            .Where(place => place > 0 && double.IsFinite(place))
            .Select(Math.Log10)
            .ToArray();
        if (places.Length == 0)
            return;
        var (low, high) = (places.Min(), places.Max());
        var room = high > low ? Margin * (high - low) : 0.1;
        Ends = (Math.Pow(10, low - room), Math.Pow(10, high + room));
    }

    /// <summary>
    /// The combinations of values that the sweep varies besides the learning rate; a single empty one if it varies
    /// only the learning rate.
    /// </summary>
    public IReadOnlyList<string> AllSeries { get; }

    /// <summary>The combination that is shown; null for all.</summary>
    public string? Series { get; }

    /// <summary>Whether learning rates are known in edge units.</summary>
    public bool HasEdge { get; }

    /// <summary>Whether the horizontal axis is edge units instead of eta.</summary>
    public bool Edge { get; }

    /// <summary>Groups at constant learning rates, series by series, each in increasing order.</summary>
    public IReadOnlyList<SeriesGroup> Groups { get; }

    /// <summary>Groups whose learning rate was reduced.</summary>
    public IReadOnlyList<SeriesGroup> Forks { get; }

    /// <summary>The range of the axis. It covers the plan, so it does not change while the sweep runs.</summary>
    public (double From, double To) Ends { get; } = (0.1, 1);

    /// <summary>The groups by series.</summary>
    public IEnumerable<(int Number, string Name, SeriesGroup[] Groups)> BySeries =>
        Groups.GroupBy(group => group.Series).Select((series, i) => (i, series.Key, series.ToArray()));

    /// <summary>Returns the place of a group.</summary>
    public double Place(SeriesGroup group) => Edge ? group.EdgeUnits : group.LearningRate;

    /// <summary>Returns the place of a cell.</summary>
    public double Place(SweepCellRecord cell) => Edge ? cell.EdgeUnits : cell.LearningRate;

    /// <summary>Creates a chart over this axis.</summary>
    public Chart Chart(string id, string title, string label, IReadOnlyList<Line> lines) =>
        new(id, title, Edge ? "learning rate, edge units" : "learning rate, eta", label, lines)
        {
            LogarithmicX = true,
            Across = Ends,
        };

    /// <summary>Returns means over seeds with their 95 % t intervals as bars.</summary>
    public Line Means(string name, IReadOnlyList<SeriesGroup> groups, Measure measure, string color, LineMark mark)
    {
        var means = groups
            .Select(group => (Group: group, Mean: group.Mean(measure)))
            .Where(point => double.IsFinite(point.Mean.Value))
            .ToArray();
        return new Line(
            name,
            means.Select(point => Place(point.Group)).ToArray(),
            means.Select(point => point.Mean.Value).ToArray(),
            color
        )
        {
            Low = means.Select(point => point.Mean.Low).ToArray(),
            High = means.Select(point => point.Mean.High).ToArray(),
            Bars = true,
            Shape = LineShape.MarkedLine,
            Mark = mark,
            MarkSize = 8,
            Texts =
            [
                .. means.Select(point => $"{name}, {point.Group.Name}: {Text(point.Mean)}; {point.Group.Outcome}"),
            ],
        };
    }

    /// <summary>Returns a name with its series if there are several.</summary>
    public string Named(string name, string series) =>
        series.Length == 0 || Series is not null ? name : $"{name}, {Short(series)}";

    /// <summary>Returns the values of a series without their keys.</summary>
    public static string Short(string series) =>
        string.Join(
            ", ",
            series.Split(" · ").Select(part => part[(part.IndexOf(' ', StringComparison.Ordinal) + 1)..].Trim('"'))
        );

    private SeriesGroup[] Placed(IEnumerable<SeriesGroup> groups) =>
        [
            .. groups
                .Where(group =>
                    (Series is null || group.Series == Series) && Place(group) is > 0 and < double.PositiveInfinity
                )
                .OrderBy(group => group.Series, StringComparer.Ordinal)
                .ThenBy(Place),
        ];

    private static string Text(Interval mean) =>
        double.IsFinite(mean.Low)
            ? $"{NumberText.Interval(mean.Value, mean.Low, mean.High, 4)}, {Counted.Format(mean.Count, "seed")}"
            : $"{NumberText.Format(mean.Value, 4)}, one seed";
}
