using Gyre.Lab.Claims;
using Gyre.Lab.Quantities;
using ScottPlot;

namespace Gyre.Lab.Figures;

/// <summary>The style of a series. Color distinguishes it from the others, as does the marker in grayscale.</summary>
internal readonly record struct SeriesStyle(string Color, MarkerShape Marker)
{
    private static readonly SeriesStyle[] Styles =
    [
        new(OkabeIto.Blue, MarkerShape.FilledCircle),
        new(OkabeIto.Vermilion, MarkerShape.FilledTriangleUp),
        new(OkabeIto.Green, MarkerShape.FilledSquare),
        new(OkabeIto.Purple, MarkerShape.FilledDiamond),
        new(OkabeIto.Orange, MarkerShape.OpenCircle),
        new(OkabeIto.Sky, MarkerShape.OpenTriangleUp),
        new(OkabeIto.Black, MarkerShape.OpenSquare),
        new(OkabeIto.Gray, MarkerShape.OpenDiamond),
    ];

    /// <summary>Returns the style of the series with this number. Styles repeat after eight.</summary>
    public static SeriesStyle At(int number) => Styles[number % Styles.Length];
}

/// <summary>The drawing code that several figures of a sweep share.</summary>
internal static class SeriesDrawing
{
    /// <summary>Label of the training time axis.</summary>
    public const string TimeLabel = "training time, Σ eta";

    /// <summary>Large enough to distinguish markers without color.</summary>
    public const float MarkerSize = 7;

    private const int MostAbove = 14;

    /// <summary>Returns a logarithmic axis of learning rates, with edge units above if they are known.</summary>
    public static FigureAxis Rates(IReadOnlyList<SeriesGroup> groups)
    {
        var axis = FigureAxis.Over(
            "learning rate eta",
            FigureScale.Logarithmic,
            groups.SelectMany(group => group.Cells).Select(cell => cell.Measures.Cell.LearningRate),
            0.05
        );
        var known = groups
            .Where(group => double.IsFinite(group.EdgeUnits))
            .DistinctBy(group => FigurePanel.Number(group.EdgeUnits))
            .ToArray();
        return known.Length is 0 or > MostAbove || groups.Any(group => group.Series != groups[0].Series)
            ? axis
            : axis with
            {
                Above =
                [
                    .. known.Select(group => new AxisLabel(group.LearningRate, FigurePanel.Number(group.EdgeUnits))),
                ],
                AboveLabel = "in edge units: eta divided by 2/S(start)",
            };
    }

    /// <summary>
    /// Draws the means of a measure over seeds as a line with markers, with 95 % t intervals as bars.
    /// </summary>
    public static void Means(
        FigurePanel panel,
        string name,
        IEnumerable<SeriesGroup> groups,
        Measure measure,
        SeriesStyle style,
        double beside = 0
    )
    {
        var means = groups
            .Select(group => (LearningRate: panel.Across.Beside(group.LearningRate, beside), Mean: group.Mean(measure)))
            .Where(point => double.IsFinite(point.Mean.Value))
            .ToArray();
        panel.Bars(
            means.Select(point => (point.LearningRate, point.Mean.Value, point.Mean.Low, point.Mean.High)),
            style.Color
        );
        panel.Line(
            name,
            means.Select(point => (point.LearningRate, point.Mean.Value)),
            style.Color,
            1.4f,
            style.Marker,
            size: MarkerSize
        );
    }

    /// <summary>
    /// Draws a quantity against training time: the mean over the cells as a line, and smallest to largest as a band.
    /// Bursts are matched by their number, and those that the shortest cell lacks are left out.
    /// </summary>
    public static void OverTime(
        FigurePanel panel,
        string name,
        IReadOnlyList<IReadOnlyList<(double Time, double Value)>> cells,
        SeriesStyle style
    )
    {
        var count = cells.Select(cell => cell.Count).DefaultIfEmpty(0).Min();
        var points = Enumerable
            .Range(0, count)
            .Select(i =>
                (
                    Time: cells.Average(cell => cell[i].Time),
                    Values: cells
                        .Select(cell => cell[i].Value)
                        .Where(double.IsFinite)
                        .DefaultIfEmpty(double.NaN)
                        .ToArray()
                )
            )
            .ToArray();
        if (cells.Count > 1)
            panel.Band(points.Select(point => (point.Time, point.Values.Min(), point.Values.Max())), style.Color);
        panel.Line(
            name,
            points.Select(point => (point.Time, point.Values.Average())),
            style.Color,
            1.4f,
            style.Marker,
            size: MarkerSize
        );
    }

    /// <summary>Returns at most the given number of items, evenly chosen, including the first and the last.</summary>
    public static IReadOnlyList<T> Spread<T>(IReadOnlyList<T> all, int most) =>
        all.Count <= most
            ? all
            :
            [
                .. Enumerable
                    .Range(0, most)
                    .Select(i => all[(int)Math.Round((double)i * (all.Count - 1) / (most - 1))]),
            ];

    /// <summary>Returns the caption's note for the case that not all items are shown.</summary>
    public static string Shown(int shown, int all, string what) =>
        shown == all ? "" : FormattableString.Invariant($" · {shown} of {all} {what}, evenly spaced");

    /// <summary>
    /// Returns smallest to largest with room, for panels that share a scale; null if there are no values.
    /// </summary>
    public static (double Low, double High)? Range(FigureScale scale, IEnumerable<double> values, double margin = 0.06)
    {
        var places = values.Select(scale.Map).Where(double.IsFinite).ToArray();
        if (places.Length == 0)
            return null;
        var (low, high) = (places.Min(), places.Max());
        var room = high > low ? margin * (high - low) : Math.Max(0.1, 0.1 * Math.Abs(high));
        return (scale.Back(low - room), scale.Back(high + room));
    }
}
