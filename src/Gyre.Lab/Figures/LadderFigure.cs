using Gyre.Lab.Claims;
using Gyre.Lab.Quantities;
using Gyre.Lab.Statistics;
using ScottPlot;

namespace Gyre.Lab.Figures;

/// <summary>
/// The ladders of a sweep, one row per small learning rate. Each row shows sharpness against training time, with one
/// line per moment, and the peak after the reduction and the test accuracy at equal training loss against the moment.
/// </summary>
internal static class LadderFigure
{
    private const int FrameHeight = 300;
    private const float Thin = 0.8f;

    /// <summary>Returns the page; null if the sweep has no finished ladder.</summary>
    public static FigurePage? Page(SweepReportData data)
    {
        var ladders = LadderGroups.FromData(data.Claims);
        if (ladders.Count == 0)
            return null;
        return new FigurePage(
            "Progressive flattening: one large learning rate, reduced at several moments",
            "over time: mean over seeds, band from smallest to largest · against the moment: thin, single seeds; "
                + "thick, mean with its 95 % t interval",
            $"{data.Source} · sharpness at the first step of each burst",
            [.. ladders.SelectMany(ladder => Row(data, ladder))]
        )
        {
            Columns = 2,
        };
    }

    private static IEnumerable<FigurePanel> Row(SweepReportData data, LadderGroups ladder)
    {
        var places = ladder.Rungs.Select(rung => rung.Moment);
        var moments = FigureAxis.Over("moment of the reduction, training time", FigureScale.Linear, places, 0.08);
        yield return OverTime(data, ladder);
        yield return Peaks(ladder, moments);
        yield return Accuracy(ladder, moments);
    }

    private static FigurePanel OverTime(SweepReportData data, LadderGroups ladder)
    {
        (string Name, SeriesGroup Group)[] lines =
        [
            .. ladder.Rungs.Select(rung => (rung.Name, GroupOf(data, rung.Group))),
            .. ladder.Large is { } large
                ? [("never reduced", GroupOf(data, large))]
                : Array.Empty<(string, SeriesGroup)>(),
        ];
        var points = lines
            .Select(line => (line.Name, line.Group, Cells: line.Group.Sound.Select(Regular).ToArray()))
            .ToArray();
        var times = points.SelectMany(line => line.Cells).SelectMany(cell => cell).Select(point => point.Time);
        var across = FigureAxis.Over(SeriesDrawing.TimeLabel, FigureScale.Linear, times);
        var heading = $"{ladder.Small} after the reduction";
        var panel = new FigurePanel(across, "sharpness", FrameHeight, FigureScale.Logarithmic)
        {
            Heading = heading,
            IsWide = true,
        };
        foreach (var ((name, _, cells), number) in points.Select((line, number) => (line, number)))
            SeriesDrawing.OverTime(panel, name, cells, SeriesStyle.At(number));
        panel.Level("threshold of the small learning rate", GroupOf(data, ladder.Control).Threshold, OkabeIto.Black);
        if (ladder.Large is { } unreduced)
            panel.Level("threshold of the large learning rate", GroupOf(data, unreduced).Threshold, OkabeIto.Gray);
        panel.Finish();
        return panel;
    }

    /// <summary>
    /// Returns the bursts at training times common to all runs. If a condition ended a run, its last measurement lies
    /// between two such times and is left out.
    /// </summary>
    private static IReadOnlyList<(double Time, double Value)> Regular(CellSeries cell) =>
        [
            .. (cell.Summary.EndedBy is null ? cell.Sharpness : cell.Sharpness.SkipLast(1)).Select(point =>
                (point.Time, point.Sharpness)
            ),
        ];

    private static FigurePanel Peaks(LadderGroups ladder, FigureAxis moments)
    {
        var panel = Against(moments, "peak sharpness", "peak after the reduction");
        var rungs = ladder.Rungs.Select(rung => rung.Group.GetValues(cell => cell.After.Peak)).ToArray();
        Seeds(panel, ladder, rungs);
        var bounds =
            from rung in ladder.Rungs
            from cell in rung.Group.Cells
            where !cell.After.PeakPassed
            select (rung.Moment, cell.After.Peak);
        panel.Points("lower bound (ended before its peak)", bounds, OkabeIto.Gray, MarkerShape.OpenTriangleUp);
        Means(panel, ladder, rungs, Bounds.Positive);
        panel.Finish();
        return panel;
    }

    private static FigurePanel Accuracy(LadderGroups ladder, FigureAxis moments)
    {
        if (ladder.CommonLoss(passage => passage.TestAccuracy) is not { } loss)
        {
            var none = Against(moments, "test accuracy, %", "no loss that all runs pass", (0, 100));
            none.Finish();
            return none;
        }
        var panel = Against(moments, "test accuracy, %", $"test accuracy at training loss {Judge.Text(loss)}");
        var rungs = ladder.AtLoss(loss, passage => 100 * passage.TestAccuracy);
        Seeds(panel, ladder, rungs);
        Means(panel, ladder, rungs, Bounds.Share.Times(100));
        panel.Finish();
        return panel;
    }

    private static void Seeds(FigurePanel panel, LadderGroups ladder, double[][] rungs)
    {
        for (var seed = 0; seed < rungs[0].Length; seed++)
            panel.Line(
                "one seed",
                ladder.Rungs.Select((rung, i) => (rung.Moment, rungs[i][seed])),
                OkabeIto.Gray,
                Thin
            );
    }

    private static void Means(FigurePanel panel, LadderGroups ladder, double[][] rungs, Bounds bounds)
    {
        var style = SeriesStyle.At(6);
        var means = ladder
            .Rungs.Select((rung, i) => (rung.Moment, Mean: MeanInterval.Student(rungs[i], bounds)))
            .ToArray();
        panel.Bars(
            means.Select(point => (point.Moment, point.Mean.Value, point.Mean.Low, point.Mean.High)),
            style.Color
        );
        var line = means.Select(point => (point.Moment, point.Mean.Value));
        panel.Line("mean over seeds", line, style.Color, 2f, style.Marker, size: SeriesDrawing.MarkerSize);
    }

    private static FigurePanel Against(
        FigureAxis moments,
        string label,
        string heading,
        (double, double)? range = null
    ) => new(moments, label, FrameHeight, FigureScale.Linear, range) { Heading = heading };

    private static SeriesGroup GroupOf(SweepReportData data, ClaimGroup group) =>
        data.Groups.Concat(data.Forks).First(one => one.Name == group.Name);
}
