using Gyre.Lab.RunFiles;

namespace Gyre.Lab.Figures;

/// <summary>A figure of a run.</summary>
/// <param name="Name">Name of the files, without an extension.</param>
/// <param name="Page">Draws the page; null if the run lacks the data.</param>
internal sealed record RunFigureEntry(string Name, Func<RunFigureData, FigurePage?> Page);

/// <summary>The figures of a run's report, in order. A figure is one file and one line here.</summary>
internal static class RunFigures
{
    internal static IReadOnlyList<RunFigureEntry> Catalog { get; } =
    [
        new("figure", RunFigure.Page),
        new("overlap", OverlapFigure.Page),
        new("self-stabilisation", StabilizationFigure.Page),
    ];

    /// <summary>
    /// Draws every figure of a run folder, finished or not, into its report/ folder, each as SVG and PNG. Figures of
    /// quantities that were not measured are left out.
    /// </summary>
    /// <returns>The paths of the files.</returns>
    /// <exception cref="RunFolderException">The folder cannot be written.</exception>
    public static IReadOnlyList<string> Save(RunReader run, string name)
    {
        FolderLinks.Hold(run.Folder.Path, run.Folder.Report);
        return [.. Pages(run, name).SelectMany(one => FigureFiles.Write(run.Folder.Report, one.Name, one.Page).Paths)];
    }

    /// <summary>Returns the figures of a run folder, finished or not, without those that it lacks the data for.</summary>
    public static IEnumerable<PaperFigure> Pages(RunReader run, string name)
    {
        var source =
            $"gyre {GyreVersion.Short(run.ReadEnvironment()?.Gyre)} · {Path.GetFileName(Path.GetFullPath(run.Folder.Path))}";
        var data = new RunFigureData(
            name,
            source,
            run.ReadSteps(),
            run.ReadCurvature(),
            run.ReadEvents(),
            run.ReadSummary()
        )
        {
            Folder = run.Folder,
        };
        return from figure in Catalog
            let page = figure.Page(data)
            where page is not null
            select new PaperFigure(figure.Name, page);
    }
}
