using System.Globalization;
using Gyre.Dashboard.Reading;
using Gyre.Lab.Claims;
using Gyre.Lab.Dynamics;
using Gyre.Lab.Figures;
using Gyre.Lab.Quantities;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Statistics;

namespace Gyre.Dashboard.Charts;

/// <summary>
/// The charts of a sweep against the learning rate. Regions and ranges are those of the report's figures.
/// </summary>
internal static class SweepCharts
{
    private const double WideRegion = 0.2; // share of the axis with room for a name
    private const double Room = 0.08;
    private const double Beyond = 3; // percent: room beyond 0 and 100, for intervals and markers

    private static readonly (string Name, Measure Measure, string Color, LineMark Mark)[] Rotations =
    [
        ("flip, lag 1", Measure.Flip, OkabeIto.Vermilion, LineMark.Triangle),
        ("drift per bounce, lag 2", Measure.DriftPerBounce, OkabeIto.Green, LineMark.Square),
        ("drift, between bursts", Measure.Drift, OkabeIto.Blue, LineMark.Circle),
        ("re-solve baseline", Measure.Baseline, OkabeIto.Purple, LineMark.Cross),
    ];

    private static readonly LineMark[] Marks =
    [
        LineMark.Circle,
        LineMark.Triangle,
        LineMark.Square,
        LineMark.Diamond,
        LineMark.OpenCircle,
        LineMark.TriangleDown,
        LineMark.OpenSquare,
        LineMark.OpenDiamond,
    ];

    /// <summary>Value of <c>axis</c> in an address: the horizontal axis is edge units instead of eta.</summary>
    public const string EdgeAxis = "edge";

    /// <summary>Parameter of an address: the measure of the chart.</summary>
    public const string MeasureName = "measure";

    /// <summary>Parameter of an address: the combination of the other axes that is shown.</summary>
    public const string SeriesName = "series";

    /// <summary>The measure of the chart if none is chosen.</summary>
    public const string UsualMeasure = "training accuracy";

    /// <summary>Returns every chart of the page that has content.</summary>
    public static IReadOnlyList<Chart> Create(SweepSnapshot sweep, ViewAddress address) =>
        [
            .. AgainstRate(sweep, address),
            .. new[]
            {
                SweepGrid.FromSweep(sweep).Chart(address),
                SweepBranches.FromSweep(sweep, address).Chart(address),
            }.Where(chart => !chart.Empty),
        ];

    /// <summary>
    /// Returns the charts of accuracy, sharpness, rotation and the chosen measure that have content.
    /// </summary>
    public static IReadOnlyList<Chart> AgainstRate(SweepSnapshot sweep, ViewAddress address)
    {
        if (sweep.Data is not { Finished.Count: > 0 } data)
            return [];
        var view = new SweepView(data, address);
        Chart?[] charts =
        [
            Accuracy(view),
            Best(view),
            Sharpness(view),
            Rotation(view),
            Chosen(view, SweepMeasures.Get(address[MeasureName], UsualMeasure)),
        ];
        return [.. charts.OfType<Chart>().Where(chart => !chart.Empty)];
    }

    private static Chart Accuracy(SweepView view)
    {
        var below = AccuracyRange.Diverged(view.Groups);
        var regions = Regions(view);
        Line[] lines =
        [
            .. Seeds(view),
            .. Means(view),
            .. Reduced(view),
            Points(
                "diverged (no accuracy)",
                view,
                view.Groups.SelectMany(group => group.Cells).Where(cell => cell.Measures.Diverged),
                _ => below,
                OkabeIto.Gray,
                LineMark.Cross,
                8
            ),
        ];
        return view.Chart(
            "accuracy",
            "Test accuracy",
            "test accuracy, %",
            [.. lines.Where(line => line.X.Length > 0)]
        ) with
        {
            Range = AccuracyRange.FromGroups(view.Groups),
            Shades = [.. regions.Select(region => Shade(view, region))],
            Height = 340,
            Note =
                "Mean over seeds with its 95 % t interval; rings: single seeds."
                + (view.Forks.Count == 0 ? "" : " Reduced later: drawn at the initial learning rate.")
                + RegionNote(view, regions),
        };
    }

    private static string RegionNote(SweepView view, IReadOnlyList<OutcomeRegion> regions)
    {
        if (regions.Count > 0)
            return $" Regions by the outcome of the runs: {OutcomeStyle.Key(regions.Select(region => region.Kind))}.";
        return view.AllSeries.Count > 1 ? " Choose one series to see regions by the outcome of its runs." : "";
    }

    /// <summary>Returns an enlargement of the best few percent, if the whole range hides their differences.</summary>
    private static Chart? Best(SweepView view) =>
        AccuracyRange.Best(view.Groups) is not { } best
            ? null
            : view.Chart(
                "best",
                "Test accuracy, the best few percent",
                "test accuracy, %",
                [.. Seeds(view), .. Means(view), .. Reduced(view)]
            ) with
            {
                Range = best,
                Height = 340,
                Note = "The same data, enlarged. Bars may extend beyond the frame.",
            };

    private static Chart Sharpness(SweepView view)
    {
        Line[] lines =
        [
            .. view.BySeries.Select(series =>
                view.Means(
                    view.Named("largest", series.Name),
                    series.Groups,
                    Measure.PeakSharpness,
                    OkabeIto.Vermilion,
                    Mark(view, series.Number, LineMark.Triangle)
                )
            ),
            .. view.BySeries.Select(series =>
                view.Means(
                    view.Named("final", series.Name),
                    series.Groups,
                    Measure.FinalSharpness,
                    OkabeIto.Blue,
                    Mark(view, series.Number, LineMark.Circle)
                )
            ),
        ];
        var range = LineRange.Ends(lines, 0.25);
        return view.Chart(
            "sharpness",
            "Sharpness",
            "sharpness",
            lines.Any(line => line.X.Length > 0) ? [.. lines, Threshold(view)] : []
        ) with
        {
            Logarithmic = true,
            Range = range,
            Height = 340,
            Note =
                "Final: mean of the last fifth. Dashed: the threshold above which descent is unstable, "
                + "2/eta for gradient descent. Bars may extend beyond the frame.",
        };
    }

    private static Line Threshold(SweepView view)
    {
        var groups = view
            .Groups.Where(group => group.Sound.Count > 0)
            .DistinctBy(view.Place)
            .OrderBy(view.Place)
            .ToArray();
        return new Line(
            "threshold",
            groups.Select(view.Place).ToArray(),
            groups.Select(group => group.Threshold).ToArray(),
            OkabeIto.Gray
        )
        {
            Dashed = true,
            Width = 2,
            Texts = [.. groups.Select(group => $"threshold, {group.Name}: {NumberText.Format(group.Threshold, 4)}")],
        };
    }

    private static Chart Rotation(SweepView view)
    {
        var lines = Rotations
            .SelectMany(kind =>
                view.BySeries.Select(series =>
                    view.Means(
                        view.Named(kind.Name, series.Name),
                        series.Groups,
                        kind.Measure,
                        kind.Color,
                        Mark(view, series.Number, kind.Mark)
                    )
                )
            )
            .Where(line => line.X.Length > 0)
            .ToArray();
        var chance = view
            .Groups.SelectMany(group => group.Cells)
            .Select(cell => cell.Chance)
            .FirstOrDefault(double.IsFinite);
        Line[] random =
            lines.Length > 0 && chance > 0
                ?
                [
                    new Line(
                        "random spaces",
                        new[] { view.Ends.From, view.Ends.To },
                        new[] { chance, chance },
                        OkabeIto.Gray
                    )
                    {
                        Dashed = true,
                        Texts = ["random spaces", "random spaces"],
                    },
                ]
                : [];
        return view.Chart("rotation", "Rotation of the leading eigenvectors", "1 − overlap", [.. lines, .. random]) with
        {
            Range = (-0.03, 1.06),
            Height = 340,
            Note =
                "Mean over the measurements of a run, then over seeds. 0: the same space; 1: orthogonal spaces. "
                + "Baseline: two solves at the same step.",
        };
    }

    private static Chart Chosen(SweepView view, SweepMeasure measure)
    {
        Line[] lines =
        [
            Points(
                "one seed",
                view,
                view.Groups.SelectMany(group => group.Sound),
                cell => measure.Get(cell.Measures),
                OkabeIto.Gray,
                LineMark.OpenCircle,
                5
            ),
            .. view.BySeries.Select(series =>
                view.Means(
                    series.Name.Length == 0 || view.Series is not null
                        ? "mean over seeds"
                        : SweepView.Short(series.Name),
                    series.Groups,
                    measure.Measure,
                    OkabeIto.At(series.Number),
                    Mark(series.Number)
                )
            ),
        ];
        return view.Chart(
            MeasureName,
            $"{char.ToUpperInvariant(measure.Name[0])}{measure.Name[1..]}",
            measure.Label,
            [.. lines.Where(line => line.X.Length > 0)]
        ) with
        {
            Range = Range(lines, measure),
            Height = 340,
            Note = measure.Note,
        };
    }

    /// <summary>Limits axes in percent to slightly beyond 0 and 100.</summary>
    private static (double Low, double High)? Range(IReadOnlyList<Line> lines, SweepMeasure measure)
    {
        if (LineRange.Ends(lines, Room) is not { } ends || measure.Unit != "%")
            return LineRange.Ends(lines, Room);
        return (Math.Max(ends.Low, -Beyond), Math.Min(ends.High, 100 + Beyond));
    }

    private static IEnumerable<Line> Means(SweepView view) =>
        view.BySeries.Select(series =>
            view.Means(
                series.Name.Length == 0 || view.Series is not null ? "mean over seeds" : SweepView.Short(series.Name),
                series.Groups,
                Measure.TestPercent,
                OkabeIto.At(series.Number),
                Mark(series.Number)
            )
        );

    private static IEnumerable<Line> Seeds(SweepView view) =>
        [
            Points(
                "one seed",
                view,
                view.Groups.SelectMany(group => group.Sound),
                cell => 100 * cell.Measures.TestAccuracy,
                OkabeIto.Gray,
                LineMark.OpenCircle,
                6
            ),
        ];

    private static IEnumerable<Line> Reduced(SweepView view) =>
        view.Forks.Count == 0
            ? []
            :
            [
                view.Means("reduced later", view.Forks, Measure.TestPercent, OkabeIto.Purple, LineMark.OpenDiamond) with
                {
                    Shape = LineShape.Marks,
                    Rising = false,
                },
            ];

    private static Line Points(
        string name,
        SweepView view,
        IEnumerable<CellSeries> cells,
        Func<CellSeries, double> value,
        string color,
        LineMark mark,
        int size
    )
    {
        var points = cells
            .Select(cell =>
                (cell.Measures.Cell, cell.Measures.Outcome, Place: view.Place(cell.Measures.Cell), Value: value(cell))
            )
            .Where(point => double.IsFinite(point.Value) && double.IsFinite(point.Place))
            .OrderBy(point => point.Place)
            .ToArray();
        return new Line(
            name,
            points.Select(point => point.Place).ToArray(),
            points.Select(point => point.Value).ToArray(),
            color
        )
        {
            Shape = LineShape.Marks,
            Mark = mark,
            MarkSize = size,
            Texts = [.. points.Select(point => Hint(point.Cell, point.Value, point.Outcome))],
        };
    }

    private static string Hint(SweepCellRecord cell, double value, string outcome)
    {
        var number = outcome == OutcomeNames.Diverged ? "" : $"{NumberText.Format(value, 4)}; ";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{cell.Group}, seed {cell.Seed}: {number}{SnakeCase.Spaced(outcome)}"
        );
    }

    /// <summary>
    /// Returns the marker of the kind if there is one series. With several, colors distinguish kinds and markers
    /// distinguish series.
    /// </summary>
    private static LineMark Mark(SweepView view, int number, LineMark kind) =>
        view.Groups.All(group => group.Series == view.Groups[0].Series) ? kind : Mark(number);

    private static LineMark Mark(int number) => Marks[number % Marks.Length];

    private static IReadOnlyList<OutcomeRegion> Regions(SweepView view) =>
        view.Groups.Count == 0 || view.Groups.Any(group => group.Series != view.Groups[0].Series)
            ? []
            : OutcomeRegions.Find(
                view.Groups,
                group => Math.Log10(view.Place(group)),
                Math.Log10(view.Ends.From),
                Math.Log10(view.Ends.To)
            );

    /// <summary>
    /// Returns the shade of a region, labeled with the name if there is room, otherwise with the letter.
    /// </summary>
    private static Shade Shade(SweepView view, OutcomeRegion region)
    {
        var style = OutcomeStyle.Get(region.Kind);
        var share = (region.To - region.From) / Math.Log10(view.Ends.To / view.Ends.From);
        return new Shade(
            Math.Pow(10, region.From),
            Math.Pow(10, region.To),
            share > WideRegion ? style.Name : style.Letter,
            style.Color
        );
    }
}
