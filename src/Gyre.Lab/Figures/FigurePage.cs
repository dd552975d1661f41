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
internal sealed record FigurePage(string Title, string Subtitle, string Footer, IReadOnlyList<FigurePanel?> Panels)
{
    /// <summary>Width in pixels.</summary>
    public const int Width = 1000;

    private const int Right = 18;
    private const int TitleHeight = 58;
    private const int LegendHeight = 24;
    private const int LineHeight = 18;
    private const int NumbersHeight = 16;
    private const int AboveHeight = 38;
    private const int AxisHeight = 44;
    private const int FooterHeight = 26;

    private static readonly SKColor Brown = new(0x8A, 0x5A, 0x00);

    /// <summary>The number of panels side by side.</summary>
    public int Columns { get; init; } = 1;

    /// <summary>Pixels to the left of each frame, for the labels of the vertical axis.</summary>
    public int Left { get; init; } = 74;

    /// <summary>Brackets over the first panel.</summary>
    public IReadOnlyList<Bracket> Brackets { get; init; } = [];

    /// <summary>Meaning of the colors of maps; empty if there is no map.</summary>
    public string ColorBar { get; init; } = "";

    /// <summary>Labels of the first and the last color.</summary>
    public (string Low, string High) ColorEnds { get; init; } = ("0", "1");

    /// <summary>Height in pixels.</summary>
    public int Height => TitleHeight + SharedLegend() + Rows().Sum(row => row.Height) + FooterHeight;

    /// <summary>Returns the width of a frame on a page with the given number of columns.</summary>
    public static int FrameWidth(int columns, int left) => Width / columns - left - Right;

    /// <summary>Draws the page as PNG, with two pixels per point.</summary>
    public byte[] ToPng() => FigureFiles.Png(Width, Height, Draw);

    /// <summary>Draws the page as SVG, which scales, needs no font and describes itself to screen readers.</summary>
    public byte[] ToSvg() => FigureFiles.Svg(Width, Height, Title, Subtitle, Draw);

    private void Draw(SKCanvas canvas)
    {
        canvas.Clear(SKColors.White);
        Ink.Write(canvas, Title, 17, 16, 28, SKColors.Black, Width - 32);
        Ink.Write(canvas, Subtitle, 12, 16, 48, Ink.Gray, Width - 32);
        var top = TitleHeight + SharedLegend();
        if (top > TitleHeight)
            Ink.Legend(canvas, Shared, Left, TitleHeight, Width - Right, ColorBar, ends: ColorEnds);
        foreach (var row in Rows())
        {
            for (var i = 0; i < row.Panels.Length; i++)
                Place(canvas, row, i, top);
            top += row.Height;
        }
        Ink.Write(canvas, Footer, 11, 16, Height - 10, Ink.Gray, Width - 32);
    }

    private void Place(SKCanvas canvas, Row row, int column, int top)
    {
        if (row.Panels[column] is not { } panel)
            return;
        var (from, to) = (column * Width / Columns, (column + 1) * Width / Columns);
        if (panel.Heading.Length == 0)
            Ink.Legend(canvas, panel.Legend, from + Left, top, to - Right, "", panel.Note);
        else
            Ink.Heading(canvas, panel.Heading, panel.Note, from + Left, top, to - Right);
        var frame = top + row.Head + row.Numbers + row.Above;
        Frame(
            canvas,
            panel,
            new SKRect(from, frame, to, frame + panel.Height),
            row.Axis[column],
            column == 0 || panel.Label != row.Panels[0]?.Label
        );
        if (row.Numbers > 0 && column == 0)
            Numbers(canvas, panel, frame - NumbersHeight);
        if (panel.Across.Above.Count > 0)
            Above(canvas, panel, from, to, frame);
        InnerLabels(canvas, panel, from, to, frame);
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
    private void Numbers(SKCanvas canvas, FigurePanel panel, float top)
    {
        using var bracket = new SKPaint
        {
            Color = Brown,
            StrokeWidth = 1.5f,
            IsAntialias = true,
        };
        float X(double value) => Across(panel, value, 0, Width / Columns);
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
            var width = Ink.Measure(one.Text, 10);
            var left = Math.Clamp((from + to - width) / 2, Left, Width / Columns - Right - width);
            if (left < free)
                continue;
            Ink.Write(canvas, one.Text, 10, left, top + NumbersHeight - 7, Brown, Width);
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
            var (x, width) = (Across(panel, label.At, from, to), Ink.Measure(label.Text, 11));
            if (x - width / 2 < free)
                continue;
            canvas.DrawLine(x, frame - 6, x, frame - 2, tick);
            Ink.Write(canvas, label.Text, 11, x - width / 2, frame - 9, SKColors.Black, Width);
            free = x + width / 2 + 6;
        }
        Ink.Write(canvas, panel.Across.AboveLabel, 11, from + Left, frame - 25, Ink.Gray, Width);
    }

    private void InnerLabels(SKCanvas canvas, FigurePanel panel, float from, float to, float frame)
    {
        var free = float.NegativeInfinity;
        foreach (var label in panel.InnerLabels.OrderBy(label => panel.Across.Share(label.At)))
        {
            var width = Ink.Measure(label.Text, 11);
            var left = Math.Max(
                from + Left + 3,
                Math.Min(Across(panel, label.At, from, to) - width / 2, to - Right - width - 2)
            );
            if (left < free)
                continue;
            Ink.Write(
                canvas,
                label.Text,
                11,
                left,
                panel.InnerLabelsBelow ? frame + panel.Height - 9 : frame + 14,
                Ink.Gray,
                to - Right - left
            );
            free = left + width + 4;
        }
    }

    private float Across(FigurePanel panel, double value, float from, float to) =>
        from + Left + (float)((to - from - Left - Right) * panel.Across.Share(value));

    /// <summary>
    /// The legend entries of panels with headings, which do not draw their own legend; each entry once.
    /// </summary>
    private IReadOnlyList<LegendEntry> Shared =>
        [
            .. Panels
                .OfType<FigurePanel>()
                .Where(panel => panel.Heading.Length > 0)
                .SelectMany(panel => panel.Legend)
                .Distinct(),
        ];

    private int SharedLegend() =>
        Shared.Count + ColorBar.Length == 0
            ? 0
            : LegendHeight + LineHeight * (Ink.Lines(Shared, Width - Left - Right, ColorBar) - 1);

    private IEnumerable<Row> Rows()
    {
        var rows = Panels.Chunk(Columns).ToArray();
        for (var r = 0; r < rows.Length; r++)
        {
            var below = r + 1 < rows.Length ? rows[r + 1] : [];
            bool[] axis =
            [
                .. rows[r]
                    .Select(
                        (panel, column) =>
                            panel is not null && below.ElementAtOrDefault(column)?.Across.Fits(panel.Across) != true
                    ),
            ];
            var lines = rows[r]
                .OfType<FigurePanel>()
                .Max(panel =>
                    panel.Heading.Length > 0 ? 1 : Ink.Lines(panel.Legend, Width / Columns - Left - Right, "")
                );
            yield return new Row(
                rows[r],
                axis,
                LegendHeight + LineHeight * (lines - 1),
                r == 0 && Brackets.Count > 0 ? NumbersHeight : 0,
                rows[r].OfType<FigurePanel>().Any(panel => panel.Across.Above.Count > 0) ? AboveHeight : 0
            );
        }
    }

    private sealed record Row(FigurePanel?[] Panels, bool[] Axis, int Head, int Numbers, int Above)
    {
        public int Height =>
            Head
            + Numbers
            + Above
            + Panels.Max(panel => panel?.Height ?? 0)
            + (Axis.Any(shown => shown) ? AxisHeight : 0);
    }
}
