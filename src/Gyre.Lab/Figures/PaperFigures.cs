using System.Globalization;
using System.Text;
using Gyre.Lab.RunFiles;

namespace Gyre.Lab.Figures;

/// <summary>A figure to be drawn in the sizes of a paper.</summary>
/// <param name="Name">Name of the files, without an extension.</param>
/// <param name="Page">The page as in the report.</param>
/// <param name="Reading">Explains how to read the figure; may be empty.</param>
internal sealed record PaperFigure(string Name, FigurePage Page, string Reading = "");

/// <summary>
/// Figures in the sizes of a paper: without title and footer, which are in captions.md next to them, and with text of
/// 9 pt in the printed size.
/// </summary>
internal static class PaperFigures
{
    /// <summary>The narrowest sheet, in inches. Below it, labels no longer fit.</summary>
    public const double LeastInches = 2.5;

    /// <summary>The widest sheet, in inches.</summary>
    public const double MostInches = 20;

    private const string Folder = "paper";

    private static readonly Dictionary<string, Func<FigurePage, byte[]>> Drawing = new()
    {
        ["pdf"] = page => page.ToPdf(),
        ["svg"] = page => page.ToSvg(),
    };

    /// <summary>The formats, which are the extensions of the files.</summary>
    public static IReadOnlyCollection<string> Formats => Drawing.Keys;

    /// <summary>
    /// The widths drawn if none is given, in inches: one column and both columns of ICML's style (3.25 and 6.75 in).
    /// </summary>
    public static IReadOnlyList<double> UsualInches { get; } = [3.25, 6.75];

    /// <summary>
    /// Writes each figure in each width into paper/ in the report folder, with their captions. A figure that is too
    /// high for a page is divided into several files.
    /// </summary>
    /// <param name="report">The report folder of a run or a sweep.</param>
    /// <param name="figures">The figures.</param>
    /// <param name="setting">A sentence on data, network and seeds, for the captions.</param>
    /// <param name="format">One of <see cref="Formats"/>.</param>
    /// <param name="inches">The widths.</param>
    /// <returns>The paths of the files.</returns>
    /// <exception cref="RunFolderException">The folder cannot be written.</exception>
    public static IReadOnlyList<string> Save(
        string report,
        IEnumerable<PaperFigure> figures,
        string setting,
        string format,
        IReadOnlyList<double> inches
    )
    {
        var (folder, files, captions) = (Path.Combine(report, Folder), new List<string>(), new StringBuilder());
        foreach (var figure in figures)
        {
            string[] names = [.. inches.SelectMany(width => Draw(folder, figure, width, format))];
            files.AddRange(names.Select(name => Path.Combine(folder, name)));
            captions.Append(CultureInfo.InvariantCulture, $"## {figure.Name}\n\n{string.Join(", ", names)}\n\n");
            captions.Append(CultureInfo.InvariantCulture, $"{Caption(figure)} {setting}\n\n");
        }
        files.Add(Path.Combine(folder, "captions.md"));
        PictureFile.Write(files[^1], Encoding.UTF8.GetBytes(captions.ToString()));
        return files;
    }

    /// <summary>Writes the files of a figure in one width and returns their names.</summary>
    private static IEnumerable<string> Draw(string folder, PaperFigure figure, double width, string format)
    {
        var parts = figure.Page.OnPaper(width);
        for (var i = 0; i < parts.Count; i++)
        {
            var part = parts.Count > 1 ? $"-{i + 1}" : "";
            var name = string.Create(CultureInfo.InvariantCulture, $"{figure.Name}-{width}in{part}.{format}");
            PictureFile.Write(Path.Combine(folder, name), Drawing[format](parts[i]));
            yield return name;
        }
    }

    private static string Caption(PaperFigure figure)
    {
        var page = figure.Page;
        string[] sentences =
        [
            page.Title,
            Sentence(page.Subtitle),
            Sentence(page.PanelNames()),
            figure.Reading,
            Sentence(page.Footer),
        ];
        return string.Join(' ', sentences.Where(text => text.Length > 0).Select(text => text.TrimEnd('.') + "."));
    }

    private static string Sentence(string text) => text.Length == 0 ? "" : char.ToUpperInvariant(text[0]) + text[1..];
}
