using Gyre.Lab.Theory;

namespace Gyre.Lab.Figures;

/// <summary>
/// The figures of `gyre theory`, as name and page. The page is null if the network has no such picture. A figure is
/// one file and one line here.
/// </summary>
internal static class TheoryFigures
{
    internal static IReadOnlyList<(string Name, Func<ExactStudy, string, FigurePage?> Page)> Catalog { get; } =
    [("surface", SurfaceFigure.Page), ("descent", DescentFigure.Page), ("map", OutcomeFigure.Page)];

    /// <summary>Draws all available figures into a folder, each as SVG and PNG.</summary>
    /// <param name="folder">The folder, created if it is missing.</param>
    /// <param name="source">Text of the footer: the program and the command.</param>
    /// <returns>The paths of the files.</returns>
    /// <exception cref="RunFiles.RunFolderException">The folder cannot be written.</exception>
    public static IReadOnlyList<string> Save(ExactStudy study, string folder, string source)
    {
        ArgumentNullException.ThrowIfNull(study);
        return
        [
            .. from figure in Catalog
            let page = figure.Page(study, source)
            where page is not null
            from path in FigureFiles.Write(folder, figure.Name, page).Paths
            select path,
        ];
    }
}
