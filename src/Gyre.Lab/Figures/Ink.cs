using Gyre.Torch;
using ScottPlot;
using SkiaSharp;

namespace Gyre.Lab.Figures;

/// <summary>Draws texts and legends on a canvas, in the font of the figures.</summary>
internal static class Ink
{
    private const int LineHeight = 18;
    private const float Size = 12; // 9 pt
    private const float SwatchWidth = 22;
    private const float BarWidth = 110;
    private const float Unlimited = float.MaxValue;

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

    /// <summary>Breaks a text into lines of at most the given width, at spaces.</summary>
    public static IReadOnlyList<string> Wrap(string text, float size, float most)
    {
        var lines = new List<string>();
        foreach (var word in PlainText.Line(text).Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (lines.Count > 0 && Measure($"{lines[^1]} {word}", size) <= most)
                lines[^1] += $" {word}";
            else
                lines.Add(word);
        }
        return lines;
    }

    /// <summary>Returns the width of a text in pixels.</summary>
    public static float Measure(string text, float size)
    {
        using var font = FontOf(size);
        return font.MeasureText(PlainText.Line(text));
    }

    /// <summary>Returns the number of lines that a legend needs at the given width.</summary>
    public static int Lines(
        IReadOnlyList<LegendEntry> entries,
        float width,
        string bar = "",
        (string Low, string High)? ends = null
    ) => Places(entries, width, bar, ends ?? Unit).Select(place => place.Line).DefaultIfEmpty(0).Max() + 1;

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
        foreach (var place in Places(entries, right - left, bar, ends ?? Unit))
        {
            var (x, middle) = (left + place.X, top + LineHeight * place.Line + 15);
            if (place.IsBar)
                x += Bar(canvas, x, middle, ends ?? Unit);
            if (place.Entry is { } entry)
            {
                Swatch(canvas, entry, x, middle);
                x += SwatchWidth + 6;
            }
            var width = Write(canvas, place.Text, Size, x, middle + 4, SKColors.Black, right - x);
            end = place.Line > 0 ? right : x + width + 18;
        }
        if (note.Length > 0 && end + Measure(note, Size) < right)
            Write(canvas, note, Size, right - Measure(note, Size), top + 19, Gray, right);
    }

    /// <summary>Draws a heading in place of a legend, with a note at the right end if there is room.</summary>
    public static void Heading(SKCanvas canvas, string heading, string note, float left, float top, float right)
    {
        var width = Write(canvas, heading, Size, left, top + 19, SKColors.Black, right - left);
        if (note.Length > 0 && left + width + 12 + Measure(note, Size) < right)
            Write(canvas, note, Size, right - Measure(note, Size), top + 19, Gray, right);
    }

    /// <summary>Places the entries and the color bar. The bar's label gets lines of its own if it is too wide.</summary>
    private static IEnumerable<Place> Places(
        IReadOnlyList<LegendEntry> entries,
        float width,
        string bar,
        (string Low, string High) ends
    )
    {
        var (x, line) = (0f, 0);
        foreach (var entry in entries)
        {
            var wide = SwatchWidth + 6 + Measure(entry.Name, Size);
            if (x > 0 && x + wide > width)
                (x, line) = (0, line + 1);
            yield return new Place(entry, false, entry.Name, x, line);
            x += wide + 18;
        }
        if (bar.Length == 0)
            yield break;
        var colors = BarWidth + 13 + Before(ends.Low) + After(ends.High);
        if (x > 0 && x + colors + Measure(bar, Size) > width)
            (x, line) = (0, line + 1);
        var isShort = x + colors + Measure(bar, Size) <= width;
        yield return new Place(null, true, isShort ? bar : "", x, line);
        foreach (var text in isShort ? [] : Wrap(bar, Size, width))
            yield return new Place(null, false, text, 0, ++line);
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

    /// <summary>Draws the color bar of maps, from the low to the high end, and returns its width.</summary>
    private static float Bar(SKCanvas canvas, float x, float middle, (string Low, string High) ends)
    {
        Write(canvas, ends.Low, Size, x, middle + 4, SKColors.Black, Unlimited);
        const int Parts = 65;
        var left = x + Before(ends.Low);
        for (var i = 0; i < Parts; i++)
        {
            var color = FigurePanel.MapColors.GetColor((double)i / (Parts - 1));
            using var fill = new SKPaint { Color = new SKColor(color.Red, color.Green, color.Blue) };
            canvas.DrawRect(left + i * BarWidth / Parts, middle - 6, BarWidth / Parts + 0.5f, 12, fill);
        }
        Write(canvas, ends.High, Size, left + BarWidth + 5, middle + 4, SKColors.Black, Unlimited);
        return Before(ends.Low) + BarWidth + 5 + After(ends.High);
    }

    private static float Before(string low) => Math.Max(12, Measure(low, Size) + 5);

    private static float After(string high) => Math.Max(15, Measure(high, Size) + 8);

    private static SKFont FontOf(float size) => new(FigureFont.Face, size);

    /// <summary>The place of an entry, of the color bar, or of a line of the bar's label.</summary>
    private readonly record struct Place(LegendEntry? Entry, bool IsBar, string Text, float X, int Line);
}
