using Gyre.Torch;
using ScottPlot;
using SkiaSharp;

namespace Gyre.Lab.Figures;

/// <summary>Draws texts and legends on a canvas, in the font of the figures.</summary>
internal static class Ink
{
    private const int LineHeight = 18;
    private const float Size = 11;
    private const float SwatchWidth = 22;
    private const float BarWidth = 130;

    private static readonly (string Low, string High) Unit = ("0", "1");
    private static readonly (float From, float To)[] Dashes = [(0, 6), (8, 14), (16, SwatchWidth)];

    /// <summary>The color of notes: lighter than black, but legible in print.</summary>
    public static readonly SKColor Gray = new(0x59, 0x59, 0x59);

    /// <summary>
    /// Writes a text on one line and returns its width. A text that is too wide is cut with an ellipsis.
    /// </summary>
    public static float Write(
        SKCanvas canvas,
        string text,
        float size,
        float left,
        float baseline,
        SKColor color,
        float most
    )
    {
        using var font = FontOf(size);
        using var paint = new SKPaint { Color = color, IsAntialias = true };
        text = PlainText.Line(text);
        for (var length = text.Length - 1; font.MeasureText(text) > most && length > 0; length--)
            text = text[..length].TrimEnd('…', ' ') + "…";
        canvas.DrawText(text, left, baseline, SKTextAlign.Left, font, paint);
        return font.MeasureText(text);
    }

    /// <summary>Returns the width of a text in pixels.</summary>
    public static float Measure(string text, float size)
    {
        using var font = FontOf(size);
        return font.MeasureText(PlainText.Line(text));
    }

    /// <summary>Returns the number of lines that a legend needs at the given width.</summary>
    public static int Lines(IReadOnlyList<LegendEntry> entries, float width, string bar) =>
        Places(entries, width, bar, Unit).Select(place => place.Line).DefaultIfEmpty(0).Max() + 1;

    /// <summary>
    /// Draws entries one after another, in as many lines as they need, followed by a color bar. A note is drawn at
    /// the right end of the first line if there is room.
    /// </summary>
    public static void Legend(
        SKCanvas canvas,
        IReadOnlyList<LegendEntry> entries,
        float left,
        float top,
        float right,
        string bar,
        string note = "",
        (string Low, string High)? ends = null
    )
    {
        var end = left;
        foreach (var (entry, x, line) in Places(entries, right - left, bar, ends ?? Unit))
        {
            var middle = top + LineHeight * line + 15;
            if (entry is null)
            {
                Bar(canvas, bar, left + x, middle, ends ?? Unit);
                continue;
            }
            Swatch(canvas, entry, left + x, middle);
            var width = Write(
                canvas,
                entry.Name,
                Size,
                left + x + SwatchWidth + 6,
                middle + 4,
                SKColors.Black,
                right - left - x - SwatchWidth - 6
            );
            end = line > 0 ? right : left + x + SwatchWidth + 24 + width;
        }
        if (note.Length > 0 && end + Measure(note, Size) < right)
            Write(canvas, note, Size, right - Measure(note, Size), top + 19, Gray, right);
    }

    /// <summary>Draws a heading in place of a legend, with a note at the right end if there is room.</summary>
    public static void Heading(SKCanvas canvas, string heading, string note, float left, float top, float right)
    {
        var width = Write(canvas, heading, 12, left, top + 19, SKColors.Black, right - left);
        if (note.Length > 0 && left + width + 12 + Measure(note, Size) < right)
            Write(canvas, note, Size, right - Measure(note, Size), top + 19, Gray, right);
    }

    private static IEnumerable<(LegendEntry? Entry, float X, int Line)> Places(
        IReadOnlyList<LegendEntry> entries,
        float width,
        string bar,
        (string Low, string High) ends
    )
    {
        var (x, line) = (0f, 0);
        foreach (var entry in entries.Append(null).Where(entry => entry is not null || bar.Length > 0))
        {
            var wide = entry is null
                ? BarWidth + 13 + Before(ends.Low) + After(ends.High) + Measure(bar, Size)
                : SwatchWidth + 6 + Measure(entry.Name, Size);
            if (x > 0 && x + wide > width)
                (x, line) = (0, line + 1);
            yield return (entry, x, line);
            x += wide + 18;
        }
    }

    private static void Swatch(SKCanvas canvas, LegendEntry entry, float x, float middle)
    {
        using var paint = Paint.NewDisposablePaint();
        using var ink = new SKPaint
        {
            Color = SKColor.Parse(entry.Color),
            StrokeWidth = Math.Max(1.5f, entry.Width),
            IsAntialias = true,
        };
        if (entry.Letter.Length > 0)
        {
            canvas.DrawRect(x, middle - 7, SwatchWidth, 14, ink);
            Write(
                canvas,
                entry.Letter,
                Size,
                x + (SwatchWidth - Measure(entry.Letter, Size)) / 2,
                middle + 4,
                Gray,
                SwatchWidth
            );
            return;
        }
        // Dashes are drawn one by one, since Skia's SVG does not support dashed lines.
        (float From, float To)[] line = entry.Dashed ? Dashes : [(0, SwatchWidth)];
        foreach (var (from, to) in entry.Width > 0 ? line : [])
            canvas.DrawLine(x + from, middle, x + to, middle, ink);
        if (entry.Marker != MarkerShape.None)
            new MarkerStyle(entry.Marker, 6, Color.FromHex(entry.Color)).Render(
                canvas,
                new Pixel(x + SwatchWidth / 2, middle),
                paint
            );
    }

    /// <summary>Draws the color bar of maps, from the low to the high end.</summary>
    private static void Bar(SKCanvas canvas, string label, float x, float middle, (string Low, string High) ends)
    {
        Write(canvas, ends.Low, Size, x, middle + 4, SKColors.Black, FigurePage.Width);
        const int Parts = 65;
        var left = x + Before(ends.Low);
        for (var i = 0; i < Parts; i++)
        {
            var color = FigurePanel.MapColors.GetColor((double)i / (Parts - 1));
            using var fill = new SKPaint { Color = new SKColor(color.Red, color.Green, color.Blue) };
            canvas.DrawRect(left + i * BarWidth / Parts, middle - 6, BarWidth / Parts + 0.5f, 12, fill);
        }
        Write(canvas, ends.High, Size, left + BarWidth + 5, middle + 4, SKColors.Black, FigurePage.Width);
        Write(
            canvas,
            label,
            Size,
            left + BarWidth + 5 + After(ends.High),
            middle + 4,
            SKColors.Black,
            FigurePage.Width
        );
    }

    private static float Before(string low) => Math.Max(12, Measure(low, Size) + 5);

    private static float After(string high) => Math.Max(15, Measure(high, Size) + 8);

    private static SKFont FontOf(float size) => new(FigureFont.Face, size);
}
