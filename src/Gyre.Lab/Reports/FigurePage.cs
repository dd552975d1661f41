using System.Globalization;
using System.Security;
using System.Text;
using System.Text.RegularExpressions;
using Gyre.Lab.Runs;
using ScottPlot;
using SkiaSharp;

namespace Gyre.Lab.Reports;

/// <summary>Panels below one another over a common axis of steps, with title, legends, numbers of the instabilities, and footer. Draws to SVG and PNG.</summary>
/// <param name="Title">First line.</param>
/// <param name="Subtitle">Second line, smaller.</param>
/// <param name="Footer">Last line.</param>
/// <param name="Panels">Top to bottom, finished.</param>
/// <param name="Instabilities">Numbered over the first panel.</param>
/// <param name="Last">Step at the right end.</param>
internal sealed partial record FigurePage(
    string Title, string Subtitle, string Footer, IReadOnlyList<FigurePanel> Panels, IReadOnlyList<CycleRecord> Instabilities, double Last)
{
    public const int Width = 1000;

    private const int Left = 74;
    private const int Right = 18;
    private const int TitleHeight = 58;
    private const int LegendHeight = 24;
    private const int NumbersHeight = 16;
    private const int AxisHeight = 44;
    private const int FooterHeight = 26;
    private const float PngScale = 2;

    private static readonly SKColor Grey = new(0x59, 0x59, 0x59);
    private static readonly SKColor Brown = new(0x8A, 0x5A, 0x00);

    /// <summary>Pixels.</summary>
    public int Height => TitleHeight + NumbersHeight + Panels.Sum(panel => LegendHeight + panel.Height) + AxisHeight + FooterHeight;

    /// <summary>As PNG, two pixels to the point.</summary>
    public byte[] ToPng()
    {
        using var surface = SKSurface.Create(new SKImageInfo((int)(Width * PngScale), (int)(Height * PngScale)));
        surface.Canvas.Scale(PngScale);
        Draw(surface.Canvas);
        using var image = surface.Snapshot();
        using var data = image.Encode(SKEncodedImageFormat.Png, 100);
        return data.ToArray();
    }

    /// <summary>As SVG that scales, needs no font, and says what it is to those who cannot see it.</summary>
    public byte[] ToSvg()
    {
        using var stream = new MemoryStream();
        using (var canvas = SKSvgCanvas.Create(SKRect.Create(Width, Height), stream))
            Draw(canvas);
        var text = TextOutlines.Draw(Tidy(Encoding.UTF8.GetString(stream.ToArray())));
        var tag = text.IndexOf("<svg", StringComparison.Ordinal);
        text = text.Insert(text.IndexOf('>', tag) + 1, $"<title>{SecurityElement.Escape(Title)}</title><desc>{SecurityElement.Escape(Subtitle)}</desc>");
        return Encoding.UTF8.GetBytes(text.Insert(tag + 4, string.Create(CultureInfo.InvariantCulture, $" role=\"img\" viewBox=\"0 0 {Width} {Height}\"")));
    }

    /// <summary>The same picture in fewer bytes, the same bytes each time: hundredths of a pixel are enough, and Skia numbers its clips over the life of the process.
    /// Only inside tags, so that what a reader sees stays.</summary>
    private static string Tidy(string svg)
    {
        var clips = new Dictionary<string, string>();
        string Clip(Match name) => clips.TryGetValue(name.Value, out var known) ? known : clips[name.Value] = $"clip{clips.Count}";
        static string Short(Match number) => Math.Round(double.Parse(number.Value, CultureInfo.InvariantCulture), 2).ToString(CultureInfo.InvariantCulture);
        return Tag().Replace(svg, tag => LongNumber().Replace(ClipName().Replace(tag.Value, Clip), Short));
    }

    [GeneratedRegex("<[^>]+>")]
    private static partial Regex Tag();

    [GeneratedRegex(@"-?\d+\.\d{3,}(e-?\d+)?")]
    private static partial Regex LongNumber();

    [GeneratedRegex("cl_[0-9a-f]+")]
    private static partial Regex ClipName();

    private void Draw(SKCanvas canvas)
    {
        canvas.Clear(SKColors.White);
        Write(canvas, Title, 17, 16, 28, SKColors.Black, Width - 32);
        Write(canvas, Subtitle, 12, 16, 48, Grey, Width - 32);
        var top = (float)TitleHeight;
        for (var i = 0; i < Panels.Count; i++)
        {
            Legend(canvas, Panels[i], top);
            top += LegendHeight;
            if (i == 0)
            {
                Numbers(canvas, top);
                top += NumbersHeight;
            }
            Frame(canvas, Panels[i], top, i == Panels.Count - 1);
            top += Panels[i].Height;
        }
        Write(canvas, Footer, 11, 16, Height - 10, Grey, Width - 32);
    }

    private static void Frame(SKCanvas canvas, FigurePanel panel, float top, bool final)
    {
        var below = final ? AxisHeight : 2;
        panel.Plot.Layout.Fixed(new PixelPadding(Left, Right, below, 2));
        panel.Plot.Axes.Bottom.TickLabelStyle.IsVisible = final;
        panel.Plot.Axes.Bottom.Label.IsVisible = final;
        panel.Plot.Axes.Bottom.MajorTickStyle.Length = final ? 4 : 0;
        panel.Plot.Render(canvas, new PixelRect(0, Width, top + panel.Height + below, top - 2));
    }

    private static void Legend(SKCanvas canvas, FigurePanel panel, float top)
    {
        var (x, middle) = ((float)Left, top + LegendHeight - 9);
        foreach (var entry in panel.Legend)
        {
            Swatch(canvas, entry, x, middle);
            x += 28;
            x += Write(canvas, entry.Name, 11, x, middle + 4, SKColors.Black, Width) + 18;
        }
        using var font = FontOf(11);
        var width = font.MeasureText(panel.Note);
        if (width > 0 && x + width < Width - Right)
            Write(canvas, panel.Note, 11, Width - Right - width, middle + 4, Grey, Width);
    }

    private static void Swatch(SKCanvas canvas, LegendEntry entry, float x, float middle)
    {
        using var line = new SKPaint { Color = SKColor.Parse(entry.Color), StrokeWidth = Math.Max(1.5f, entry.Width), IsAntialias = true };
        canvas.DrawLine(x, middle, x + 22, middle, line);
        using var paint = Paint.NewDisposablePaint();
        if (entry.Marker != MarkerShape.None)
            new MarkerStyle(entry.Marker, 6, Color.FromHex(entry.Color)).Render(canvas, new Pixel(x + 11, middle), paint);
    }

    /// <summary>Over each instability a bracket and, where there is room, its number; one that was open at the end says so.</summary>
    private void Numbers(SKCanvas canvas, float top)
    {
        using var font = FontOf(10);
        using var bracket = new SKPaint { Color = Brown, StrokeWidth = 1.5f, IsAntialias = true };
        var (free, lastLine) = (0f, float.NegativeInfinity);
        foreach (var cycle in Instabilities)
        {
            var (from, to) = (X(cycle.Onset), Math.Max(X(cycle.Resolution ?? Last), X(cycle.Onset) + 1));
            if (to > lastLine + 0.5f)
                canvas.DrawLine(Math.Max(from, lastLine + 1), top + NumbersHeight - 4, lastLine = to - 1, top + NumbersHeight - 4, bracket);
            var text = FigurePanel.Number((long)cycle.Number) + (cycle.Resolution is null ? " open" : "");
            var width = font.MeasureText(text);
            var left = Math.Clamp((from + to - width) / 2, Left, Width - Right - width);
            if (left < free)
                continue;
            Write(canvas, text, 10, left, top + NumbersHeight - 7, Brown, Width);
            free = left + width + 5;
        }
    }

    private float X(double step) => (float)(Left + (Width - Left - Right) * (Math.Clamp(step / Last, 0, 1) + FigurePanel.Margin) / (1 + 2 * FigurePanel.Margin));

    private static SKFont FontOf(float size) => new(FigureFont.Face, size);

    /// <summary>Writes on one line, cut with an ellipsis where it is too wide; returns the width written.</summary>
    private static float Write(SKCanvas canvas, string text, float size, float left, float baseline, SKColor color, float most)
    {
        using var font = FontOf(size);
        using var paint = new SKPaint { Color = color, IsAntialias = true };
        for (var length = text.Length - 1; font.MeasureText(text) > most && length > 0; length--)
            text = text[..length].TrimEnd('…', ' ') + "…";
        canvas.DrawText(text, left, baseline, SKTextAlign.Left, font, paint);
        return font.MeasureText(text);
    }
}
