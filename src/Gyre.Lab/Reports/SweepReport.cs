using System.Globalization;
using Gyre.Lab.Claims;
using Gyre.Lab.Figures;
using Gyre.Lab.RunFiles;

namespace Gyre.Lab.Reports;

/// <summary>The report of a sweep: one page that needs nothing but itself, and its figures.</summary>
public static class SweepReport
{
    private const int MostMaps = 6;

    /// <summary>
    /// Writes report.html and every figure as SVG and PNG into the sweep's folder report/, each file whole or not at
    /// all. Of an unfinished sweep it shows what is there.
    /// </summary>
    /// <returns>Paths, the page first.</returns>
    /// <exception cref="RunFolderException">The folder cannot be read or written.</exception>
    public static IReadOnlyList<string> Save(SweepReader sweep)
    {
        ArgumentNullException.ThrowIfNull(sweep);
        FolderLinks.Hold(sweep.Folder.Path, sweep.Folder.Report);
        var cells = sweep.Cells();
        var data = Data(sweep.Plan, cells);
        var files = new List<string> { Path.Combine(sweep.Folder.Report, "report.html") };
        var figures = new List<FigureView>();
        foreach (var figure in SweepFigures.Catalog)
        {
            if (figure.Page(data) is not { } page)
                continue;
            var (paths, svg) = FigureFiles.Write(sweep.Folder.Report, figure.Name, page);
            figures.Add(FigureView.Of(figure.Name, figure.Caption, svg));
            files.AddRange(paths);
        }
        var html = ReportPage.Of(data, SweepSettings.Of(sweep, cells), figures).ToHtml();
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

    internal static SweepReportData Data(SweepPlanRecord plan, IReadOnlyList<SweepCell> cells)
    {
        var finished = cells.Where(cell => cell.Run?.Summary is not null).ToArray();
        var data = new SweepReportData(
            plan,
            string.Create(CultureInfo.InvariantCulture, $"gyre {plan.Gyre.Split('+')[0]} · {plan.Name}"),
            Series(finished),
            [.. cells.Except(finished).Select(cell => cell.Cell)],
            []
        );
        return data with
        {
            Maps = Maps(data, finished.ToDictionary(cell => cell.Cell.Folder, cell => cell.Run!.Folder)),
        };
    }

    private static CellSeries[] Series(SweepCell[] finished)
    {
        var series = Array.ConvertAll(
            finished,
            cell => CellSeries.Of(cell.Cell, cell.Run!.Summary!, cell.Run.Steps, cell.Run.Curvature)
        );
        var measures = ControlDistance.Added([
            .. series.Zip(finished, (one, cell) => (one.Measures, cell.Run!.Folder)),
        ]);
        return [.. series.Zip(measures, (one, with) => one with { Measures = with })];
    }

    /// <summary>Of the first seed of a few groups, forks among them.</summary>
    private static (SeriesGroup, OverlapMap)[] Maps(SweepReportData data, Dictionary<string, RunFolder> folders)
    {
        var forks = data.Forks.Take(1).ToArray();
        var chosen = SeriesDrawing
            .Spread([.. data.Groups.Where(group => group.Sound.Count > 0)], MostMaps - forks.Length)
            .Concat(forks);
        return
        [
            .. chosen
                .Select(group => (group, Map: OverlapMap.Of(folders[group.Cells[0].Measures.Cell.Folder])))
                .Where(pair => pair.Map is not null)
                .Select(pair => (pair.group, pair.Map!)),
        ];
    }
}
