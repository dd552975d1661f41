using System.Globalization;
using Gyre.Lab.Claims;
using Gyre.Lab.Figures;
using Gyre.Lab.RunFiles;

namespace Gyre.Lab.Reports;

/// <summary>The report of a sweep: a self-contained page, and its figures.</summary>
internal static class SweepReport
{
    private const int MostMaps = 6;

    /// <summary>
    /// Writes report.html and every figure, as SVG and PNG, into the sweep's report/ folder, each file whole or not
    /// at all. For an unfinished sweep, the report covers the finished cells.
    /// </summary>
    /// <returns>Paths of the files, the page first.</returns>
    /// <exception cref="RunFolderException">The folder cannot be read or written.</exception>
    public static IReadOnlyList<string> Save(SweepReading reading)
    {
        ArgumentNullException.ThrowIfNull(reading);
        var sweep = reading.Sweep;
        FolderLinks.Hold(sweep.Folder.Path, sweep.Folder.Report);
        var data = Data(sweep.Plan, reading.Cells, reading.Finished);
        var files = new List<string> { Path.Combine(sweep.Folder.Report, "report.html") };
        var figures = new List<FigureView>();
        foreach (var figure in SweepFigures.Catalog)
        {
            if (figure.Page(data) is not { } page)
                continue;
            var (paths, svg) = FigureFiles.Write(sweep.Folder.Report, figure.Name, page);
            figures.Add(FigureView.Create(figure.Name, figure.Caption, svg));
            files.AddRange(paths);
        }
        var html = ReportPage.Create(data, SweepSettings.FromSweep(sweep, reading.Cells), figures).ToHtml();
        RunFolder.Guarded(
            sweep.Folder.Report,
            () =>
            {
                Directory.CreateDirectory(sweep.Folder.Report);
                WholeFile.Write(files[0], html);
                return true;
            }
        );
        return files;
    }

    /// <summary>Returns the figures of a sweep, finished or not, without those that it lacks the data for.</summary>
    public static IEnumerable<PaperFigure> Pages(SweepReading reading)
    {
        var data = Data(reading.Sweep.Plan, reading.Cells, reading.Finished);
        return from figure in SweepFigures.Catalog
            let page = figure.Page(data)
            where page is not null
            select new PaperFigure(figure.Name, page, figure.Caption);
    }

    internal static SweepReportData Data(
        SweepPlanRecord plan,
        IReadOnlyList<SweepCell> cells,
        IReadOnlyList<FinishedCell> finished
    )
    {
        var data = new SweepReportData(
            plan,
            string.Create(CultureInfo.InvariantCulture, $"gyre {GyreVersion.Short(plan.Gyre)} · {plan.Name}"),
            Series(finished),
            [.. cells.Except(finished.Select(one => one.Cell)).Select(cell => cell.Cell)],
            []
        );
        return data with { Maps = Maps(data, finished.ToDictionary(one => one.Cell.Cell.Folder, one => one.Folder)) };
    }

    private static CellSeries[] Series(IReadOnlyList<FinishedCell> finished)
    {
        var measures = ControlDistance.Added([.. finished.Select(one => (one.Series.Measures, one.Folder))]);
        return [.. finished.Zip(measures, (one, with) => one.Series with { Measures = with })];
    }

    /// <summary>Reads the overlap maps of the first seed of a few groups, including a fork.</summary>
    private static (SeriesGroup, OverlapMap)[] Maps(SweepReportData data, Dictionary<string, RunFolder> folders)
    {
        var forks = data.Forks.Take(1).ToArray();
        var chosen = SeriesDrawing
            .Spread([.. data.Groups.Where(group => group.Sound.Count > 0)], MostMaps - forks.Length)
            .Concat(forks);
        return
        [
            .. chosen
                .Select(group => (group, Map: OverlapMap.TryRead(folders[group.Cells[0].Measures.Cell.Folder])))
                .Where(pair => pair.Map is not null)
                .Select(pair => (pair.group, pair.Map!)),
        ];
    }
}
