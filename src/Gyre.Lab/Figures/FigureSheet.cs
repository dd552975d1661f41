namespace Gyre.Lab.Figures;

/// <summary>
/// The sheet that a page is laid out on. Text has the same size on every sheet, at least 9 pt, so that a narrower sheet
/// has fewer panels side by side.
/// </summary>
/// <param name="Width">Width in CSS pixels, 96 per inch.</param>
/// <param name="IsCaptioned">Whether title, subtitle and footer are drawn. In a paper, they belong in the caption.</param>
internal sealed record FigureSheet(int Width, bool IsCaptioned)
{
    /// <summary>
    /// The greatest height of a figure in a paper, in pixels: 8 of the 9 inches of ICML's page, the rest for the
    /// caption.
    /// </summary>
    public const int PaperHeight = 8 * PixelsPerInch;

    private const int PixelsPerInch = 96;
    private const int ColumnWidth = 250; // the narrowest column whose labels fit

    /// <summary>The sheet of the report, of documents and of the README: 8.3 inches.</summary>
    public static FigureSheet Screen { get; } = new(800, IsCaptioned: true);

    /// <summary>The largest number of panels side by side.</summary>
    public int MostColumns => Math.Max(1, Width / ColumnWidth);

    /// <summary>Creates the sheet of a figure for a paper.</summary>
    public static FigureSheet Paper(double inches) => new((int)Math.Round(PixelsPerInch * inches), IsCaptioned: false);
}
