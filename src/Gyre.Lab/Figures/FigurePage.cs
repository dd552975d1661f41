using Gyre.Lab.Quantities;
using ScottPlot;
using SkiaSharp;

namespace Gyre.Lab.Figures;

/// <summary>A bracket over the first panel, with its label if there is room.</summary>
internal sealed record Bracket(double From, double To, string Text);

/// <summary>
/// Panels in rows, with title, legends and footer. Panels in a column that share their horizontal axis are labeled
/// once, below the last one.
/// </summary>
/// <param name="Title">The first line.</param>
/// <param name="Subtitle">The second line, in smaller type.</param>
/// <param name="Footer">The last line.</param>
/// <param name="Panels">The finished panels, row by row; null leaves a gap.</param>
internal sealed partial record FigurePage(
    string Title,
    string Subtitle,
    string Footer,
    IReadOnlyList<FigurePanel?> Panels
)
{
    private const int Margin = 16;
    private const int Right = 18;
    private const int TitleSize = 17;
    private const int TextSize = 12;
    private const int TitleHeight = 22;
    private const int SubtitleHeight = 17;
    private const int LineHeight = 18;
    private const int NarrowWidth = 400;
    private const int NumbersHeight = 16;
    private const int AboveHeight = 40;
    private const int AxisHeight = 46;
    private const int BottomMargin = 10;
    private const int LetterWidth = 22;
    private const int LeastFrame = 120;
    private const double PaperProportion = 0.62; // the golden section

    private static readonly double[] FrameShares = [1, 0.9, 0.8, 0.7];

    private static readonly SKColor Brown = new(0x8A, 0x5A, 0x00);

    /// <summary>The sheet that the page is drawn on.</summary>
    public FigureSheet Sheet { get; init; } = FigureSheet.Screen;

    /// <summary>The number of panels side by side, if the sheet is wide enough.</summary>
    public int Columns { get; init; } = 1;

    /// <summary>Pixels to the left of each frame, for the labels of the vertical axis.</summary>
    public int Left { get; init; } = 74;

    /// <summary>Brackets over the first panel.</summary>
    public IReadOnlyList<Bracket> Brackets { get; init; } = [];

    /// <summary>Meaning of the colors of maps; empty if there is no map.</summary>
    public string ColorBar { get; init; } = "";

    /// <summary>Labels of the first and the last color.</summary>
    public (string Low, string High) ColorEnds { get; init; } = ("0", "1");

    /// <summary>
    /// The number of consecutive rows whose columns belong together. A sheet that is too narrow for all columns shows
    /// those rows for some of the columns, then for the others.
    /// </summary>
    public int BlockRows { get; init; } = 1;

    /// <summary>Letters of panels, to which a paper's caption refers.</summary>
    public IReadOnlyDictionary<FigurePanel, string> Letters { get; init; } = new Dictionary<FigurePanel, string>();

    /// <summary>Height of the frames on paper as a share of their usual height.</summary>
    public double FrameShare { get; init; } = 1;

    /// <summary>Height in pixels.</summary>
    public int Height => Head() + SharedLegend() + Rows().Sum(row => row.Height) + Foot();

    private int Width => Sheet.Width;

    private bool IsNarrow => Width < NarrowWidth;

    /// <summary>
    /// Height of a legend's first line. On a narrow sheet, legends reach over the labels of the vertical axis and keep
    /// clear of the highest one.
    /// </summary>
    private int LegendHeight => IsNarrow ? 30 : 24;

    /// <summary>Draws the page as PNG, with two pixels per CSS pixel.</summary>
    public byte[] ToPng() => FigureFiles.Png(Width, Height, Draw);

    /// <summary>Draws the page as SVG, which scales, needs no font and describes itself to screen readers.</summary>
    public byte[] ToSvg() => FigureFiles.Svg(Width, Height, Title, Subtitle, Draw);

    /// <summary>Draws the page as PDF in its true size.</summary>
    public byte[] ToPdf() => FigureFiles.Pdf(Width, Height, Title, Draw);

    private void Draw(SKCanvas canvas)
    {
        canvas.Clear(SKColors.White);
        var baseline = Lines(canvas, Title, TitleSize, TitleHeight, 28, SKColors.Black);
        Lines(canvas, Subtitle, TextSize, SubtitleHeight, baseline - 2, Ink.Gray);
        var top = Head() + SharedLegend();
        if (top > Head())
            Ink.Legend(canvas, Shared, LegendLeft(0), Head(), Width - Right, ColorBar, ends: ColorEnds);
        foreach (var row in Rows())
        {
            for (var i = 0; i < row.Panels.Length; i++)
                Place(canvas, row, i, top);
            top += row.Height;
        }
        Lines(canvas, Footer, TextSize, SubtitleHeight, top + SubtitleHeight, Ink.Gray);
    }

    /// <summary>Writes a text of the caption in as many lines as it needs. Returns the next baseline.</summary>
    private int Lines(SKCanvas canvas, string text, int size, int height, int baseline, SKColor color)
    {
        foreach (var line in Wrapped(text, size))
        {
            Ink.Write(canvas, line, size, Margin, baseline, color, Width - 2 * Margin);
            baseline += height;
        }
        return baseline;
    }

    private IReadOnlyList<string> Wrapped(string text, int size) =>
        Sheet.IsCaptioned ? Ink.Wrap(text, size, Width - 2 * Margin) : [];

    /// <summary>Returns the height of title and subtitle.</summary>
    private int Head() =>
        Sheet.IsCaptioned
            ? 14 + TitleHeight * Wrapped(Title, TitleSize).Count + SubtitleHeight * Wrapped(Subtitle, TextSize).Count
            : 0;

    private int Foot() => SubtitleHeight * Wrapped(Footer, TextSize).Count + BottomMargin;

    /// <summary>Returns where legends begin: above the frame, or at the margin of a narrow sheet.</summary>
    private float LegendLeft(float from)
    {
        if (!IsNarrow)
            return from + Left;
        return from + Margin / 2 + (Letters.Count > 0 ? LetterWidth : 0);
    }

    /// <summary>Returns where a heading begins: above the frame, or as far left of it as its length needs.</summary>
    private float HeadingLeft(string heading, float from, float to)
    {
        var least = from + Margin / 2 + (Letters.Count > 0 ? LetterWidth : 0);
        return Math.Clamp(to - Right - Ink.Measure(heading, TextSize) - 1, least, Math.Max(least, LegendLeft(from)));
    }

    private int SideColumns => Math.Min(Columns, Sheet.MostColumns);

    private void Place(SKCanvas canvas, Row row, int column, int top)
    {
        if (row.Panels[column] is not { } panel)
            return;
        var (from, to) = (column * Width / row.Columns, (column + 1) * Width / row.Columns);
        if (Letters.TryGetValue(panel, out var letter))
            Ink.Write(canvas, letter, TextSize, from + Margin / 2, top + 19, SKColors.Black, Width);
        if (panel.Heading.Length == 0)
            Ink.Legend(canvas, row.Legends[column], LegendLeft(from), top, to - Right, "", panel.Note);
        else
            Ink.Heading(
                canvas,
                row.Headings[column],
                panel.Note,
                HeadingLeft(row.Headings[column], from, to),
                top,
                to - Right
            );
        var frame = top + row.Head + row.Numbers + row.Above;
        Frame(
            canvas,
            panel,
            new SKRect(from, frame, to, frame + row.Frames[column]),
            row.Axis[column],
            column == 0 || panel.Label != row.Panels[0]?.Label
        );
        if (row.Numbers > 0 && column == 0)
            Numbers(canvas, panel, frame - NumbersHeight, to);
        if (panel.Across.Above.Count > 0)
            Above(canvas, panel, from, to, frame);
        InnerLabels(canvas, panel, from, to, frame, row.Frames[column]);
    }

    private void Frame(SKCanvas canvas, FigurePanel panel, SKRect place, bool axis, bool label)
    {
        var below = axis ? AxisHeight : 2;
        panel.Plot.Layout.Fixed(new PixelPadding(Left, Right, below, 2));
        panel.Plot.Axes.Left.Label.IsVisible = label;
        panel.Plot.Axes.Bottom.TickLabelStyle.IsVisible = axis;
        panel.Plot.Axes.Bottom.Label.IsVisible = axis;
        panel.Plot.Axes.Bottom.MajorTickStyle.Length = axis ? 4 : 0;
        panel.Plot.Render(canvas, new PixelRect(place.Left, place.Right, place.Bottom + below, place.Top - 2));
    }

    /// <summary>Draws a bracket over each instability and, if there is room, its number.</summary>
    private void Numbers(SKCanvas canvas, FigurePanel panel, float top, float right)
    {
        using var bracket = new SKPaint
        {
            Color = Brown,
            StrokeWidth = 1.5f,
            IsAntialias = true,
        };
        float X(double value) => Across(panel, value, 0, right);
        var (free, lastLine) = (0f, float.NegativeInfinity);
        foreach (var one in Brackets)
        {
            var (from, to) = (X(one.From), Math.Max(X(one.To), X(one.From) + 1));
            if (to > lastLine + 0.5f)
                canvas.DrawLine(
                    Math.Max(from, lastLine + 1),
                    top + NumbersHeight - 4,
                    lastLine = to - 1,
                    top + NumbersHeight - 4,
                    bracket
                );
            var width = Ink.Measure(one.Text, TextSize);
            var left = Math.Clamp((from + to - width) / 2, Left, right - Right - width);
            if (left < free)
                continue;
            Ink.Write(canvas, one.Text, TextSize, left, top + NumbersHeight - 7, Brown, Width);
            free = left + width + 5;
        }
    }

    /// <summary>
    /// Draws the second row of labels, with ticks. A label that would touch the previous one is left out.
    /// </summary>
    private void Above(SKCanvas canvas, FigurePanel panel, float from, float to, float frame)
    {
        using var tick = new SKPaint
        {
            Color = SKColor.Parse(OkabeIto.Gray),
            StrokeWidth = 1,
            IsAntialias = true,
        };
        var free = float.NegativeInfinity;
        foreach (var label in panel.Across.Above)
        {
            var (x, width) = (Across(panel, label.At, from, to), Ink.Measure(label.Text, TextSize));
            if (x - width / 2 < free)
                continue;
            canvas.DrawLine(x, frame - 6, x, frame - 2, tick);
            Ink.Write(canvas, label.Text, TextSize, x - width / 2, frame - 9, SKColors.Black, Width);
            free = x + width / 2 + 6;
        }
        var left = LegendLeft(from);
        Ink.Write(canvas, panel.Across.AboveLabel, TextSize, left, frame - 26, Ink.Gray, to - Margin / 2 - left);
    }

    private void InnerLabels(SKCanvas canvas, FigurePanel panel, float from, float to, float frame, float height)
    {
        var free = float.NegativeInfinity;
        foreach (var label in panel.InnerLabels.OrderBy(label => panel.Across.Share(label.At)))
        {
            var width = Ink.Measure(label.Text, TextSize);
            var left = Math.Max(
                from + Left + 3,
                Math.Min(Across(panel, label.At, from, to) - width / 2, to - Right - width - 2)
            );
            if (left < free)
                continue;
            Ink.Write(
                canvas,
                label.Text,
                TextSize,
                left,
                panel.InnerLabelsBelow ? frame + height - 9 : frame + 15,
                Ink.Gray,
                to - Right - left
            );
            free = left + width + 4;
        }
    }

    private float Across(FigurePanel panel, double value, float from, float to) =>
        from + Left + (float)((to - from - Left - Right) * panel.Across.Share(value));
}
