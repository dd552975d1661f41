using Gyre.Lab.Quantities;

namespace Gyre.Lab.Figures;

/// <summary>
/// Reduced runs, their parents, and the runs at the reduced learning rate throughout: sharpness and test accuracy
/// against training time.
/// </summary>
internal static class ReductionFigure
{
    private const int MostForks = 6;
    private const int MostColumns = 3;

    /// <summary>Returns the page; null if the sweep has no finished reduction.</summary>
    public static FigurePage? Page(SweepReportData data)
    {
        var all = data.Forks.Where(fork => fork.Sound.Count > 0).ToArray();
        if (all.Length == 0)
            return null;
        var trios = SeriesDrawing
            .Spread(all, MostForks)
            .Select(fork => new Trio(fork, ParentOf(data, fork), ControlOf(data, fork)))
            .ToArray();
        var cells = trios.SelectMany(trio => trio.Lines).SelectMany(line => line.Group.Sound).ToArray();
        var across = FigureAxis.Over(
            SeriesDrawing.TimeLabel,
            FigureScale.Linear,
            cells
                .SelectMany(cell => cell.Sharpness)
                .Select(point => point.Time)
                .Concat(cells.SelectMany(cell => cell.TestAccuracy).Select(point => point.Time))
        );
        double[] sharpness = [.. cells.SelectMany(cell => cell.Sharpness).Select(point => point.Sharpness)];
        var scale = FigureScale.For(sharpness);
        var ends = SeriesDrawing.Range(scale, sharpness);
        var shares = SeriesDrawing.Range(
            FigureScale.Linear,
            cells.SelectMany(cell => cell.TestAccuracy).Select(point => 100 * point.Accuracy)
        );
        var last = SeriesDrawing.Range(
            FigureScale.Linear,
            trios
                .SelectMany(trio => new[] { trio.Fork, trio.Control })
                .OfType<SeriesGroup>()
                .SelectMany(group => group.GetValues(cell => 100 * cell.TestAccuracy)),
            1
        );
        var columns = trios.Length == 4 ? 2 : Math.Min(MostColumns, trios.Length);
        Func<Trio, FigurePanel>[] kinds =
        [
            trio => Sharpness(trio, across, scale, ends),
            trio => Accuracy(trio, across, shares, ""),
            trio => Accuracy(trio, across, last, "enlarged"),
        ];
        FigurePanel?[] panels =
        [
            .. trios
                .Chunk(columns)
                .SelectMany(row =>
                    kinds.SelectMany(kind => row.Select(kind).Concat(new FigurePanel?[columns - row.Length]))
                ),
        ];
        return new FigurePage(
            "Large first, then reduced, compared with parents and controls",
            "line: mean over seeds · band: smallest to largest",
            $"{data.Source}{SeriesDrawing.Shown(trios.Length, all.Length, "reductions")}",
            panels
        )
        {
            Columns = columns,
            BlockRows = kinds.Length,
        };
    }

    private static FigurePanel Sharpness(Trio trio, FigureAxis across, FigureScale scale, (double, double)? range)
    {
        var panel = new FigurePanel(across, "sharpness", 210, scale, range) { Heading = trio.Fork.Heading };
        foreach (var (name, group, style) in trio.Lines)
            SeriesDrawing.OverTime(
                panel,
                name,
                [
                    .. group.Sound.Select(cell =>
                        (IReadOnlyList<(double, double)>)
                            [.. cell.Sharpness.Select(point => (point.Time, point.Sharpness))]
                    ),
                ],
                style
            );
        return Finished(panel, trio);
    }

    private static FigurePanel Accuracy(Trio trio, FigureAxis across, (double, double)? range, string note)
    {
        var panel = new FigurePanel(across, "test accuracy, %", 190, FigureScale.Linear, range)
        {
            Heading = trio.Fork.Heading,
            Note = note,
        };
        foreach (var (name, group, style) in trio.Lines)
            SeriesDrawing.OverTime(
                panel,
                name,
                [
                    .. group.Sound.Select(cell =>
                        (IReadOnlyList<(double, double)>)
                            [.. cell.TestAccuracy.Select(point => (point.Time, 100 * point.Accuracy))]
                    ),
                ],
                style
            );
        return Finished(panel, trio);
    }

    private static FigurePanel Finished(FigurePanel panel, Trio trio)
    {
        var moments = trio.Fork.Cells.Select(cell => cell.Measures.ForkTime).Where(double.IsFinite).ToArray();
        if (moments.Length > 0)
            panel.Moment("reduced here", moments.Average(), OkabeIto.Black);
        panel.Finish();
        return panel;
    }

    private static SeriesGroup? ParentOf(SweepReportData data, SeriesGroup fork) =>
        fork.Cells.Select(cell => data.GroupOf(cell.Measures.Cell.Parent!)).FirstOrDefault(group => group is not null);

    /// <summary>
    /// Returns the group at the reduced learning rate throughout, equal to a part in a thousand, with all other keys
    /// equal.
    /// </summary>
    private static SeriesGroup? ControlOf(SweepReportData data, SeriesGroup fork) =>
        data.Groups.FirstOrDefault(group =>
            group.Series == fork.Series
            && Near(group.LearningRate, fork.Cells.Average(cell => cell.Measures.Cell.ReducedTo ?? double.NaN))
        );

    private static bool Near(double a, double b) => Math.Abs(a - b) <= 1e-3 * Math.Abs(b);

    private sealed record Trio(SeriesGroup Fork, SeriesGroup? Parent, SeriesGroup? Control)
    {
        public IEnumerable<(string Name, SeriesGroup Group, SeriesStyle Style)> Lines =>
            new[]
            {
                ("large throughout (parent)", Parent, SeriesStyle.At(0)),
                ("small throughout (control)", Control, SeriesStyle.At(2)),
                ("large, then reduced", Fork, SeriesStyle.At(1)),
            }
                .Where(line => line.Item2 is not null)
                .Select(line => (line.Item1, line.Item2!, line.Item3));
    }
}
