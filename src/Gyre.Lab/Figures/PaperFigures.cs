using System.Globalization;
using System.Text;
using Gyre.Lab.RunFiles;

namespace Gyre.Lab.Figures;

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

    /// <summary>Writes each figure in each width into paper/ in the report folder, with their captions.</summary>
    /// <param name="report">The report folder of a run or a sweep.</param>
    /// <param name="figures">Name and page of each figure.</param>
    /// <param name="format">One of <see cref="Formats"/>.</param>
    /// <param name="inches">The widths.</param>
    /// <returns>The paths of the files.</returns>
    /// <exception cref="RunFolderException">The folder cannot be written.</exception>
    public static IReadOnlyList<string> Save(
        string report,
        IEnumerable<(string Name, FigurePage Page)> figures,
        string format,
        IReadOnlyList<double> inches
    )
    {
        var (folder, files, captions) = (Path.Combine(report, Folder), new List<string>(), new StringBuilder());
        foreach (var (name, page) in figures)
        {
            foreach (var width in inches)
            {
                var file = Path.Combine(folder, FileName(name, width, format));
                PictureFile.Write(file, Drawing[format](page with { Sheet = FigureSheet.Paper(width) }));
                files.Add(file);
            }
            captions.Append(CultureInfo.InvariantCulture, $"## {name}\n\n{page.Title}. {Sentence(page.Subtitle)}.\n\n");
            captions.Append(CultureInfo.InvariantCulture, $"{Sentence(page.Footer)}.\n\n");
        }
        files.Add(Path.Combine(folder, "captions.md"));
        PictureFile.Write(files[^1], Encoding.UTF8.GetBytes(captions.ToString()));
        return files;
    }

    private static string Sentence(string text) => char.ToUpperInvariant(text[0]) + text[1..];

    private static string FileName(string name, double inches, string format) =>
        string.Create(CultureInfo.InvariantCulture, $"{name}-{inches}in.{format}");
}
