using System.Globalization;
using System.Security;
using System.Text;
using System.Text.RegularExpressions;
using Gyre.Lab.RunFiles;
using Gyre.Torch;
using SkiaSharp;

namespace Gyre.Lab.Figures;

/// <summary>Writes drawings to files. The same drawing gives the same bytes.</summary>
internal static partial class FigureFiles
{
    private const float PngScale = 2;
    private const float PointsPerPixel = 0.75f;

    /// <summary>Writes a page as SVG and PNG into a folder, each file atomically.</summary>
    /// <returns>The paths of the files, and the SVG.</returns>
    /// <exception cref="RunFolderException">The folder cannot be written.</exception>
    public static (IReadOnlyList<string> Paths, byte[] Svg) Write(string folder, string name, FigurePage page)
    {
        var (svg, png) = (Path.Combine(folder, name + ".svg"), Path.Combine(folder, name + ".png"));
        var drawing = page.ToSvg();
        RunFolder.Guarded(
            folder,
            () =>
            {
                Directory.CreateDirectory(folder);
                WholeFile.Write(svg, drawing);
                WholeFile.Write(png, page.ToPng());
                return true;
            }
        );
        return ([svg, png], drawing);
    }

    /// <summary>Draws a PNG with two pixels per point.</summary>
    public static byte[] Png(int width, int height, Action<SKCanvas> draw)
    {
        using var surface = SKSurface.Create(new SKImageInfo((int)(width * PngScale), (int)(height * PngScale)));
        surface.Canvas.Scale(PngScale);
        draw(surface.Canvas);
        using var image = surface.Snapshot();
        using var data = image.Encode(SKEncodedImageFormat.Png, 100);
        return data.ToArray();
    }

    /// <summary>Draws a PDF whose pages are as large as the drawing at 96 pixels per inch. Fonts are embedded.</summary>
    public static byte[] Pdf(int width, int height, string title, Action<SKCanvas> draw)
    {
        using var stream = new MemoryStream();
        using (var document = SKDocument.CreatePdf(stream, new SKDocumentPdfMetadata { Title = title }))
        {
            var canvas = document.BeginPage(width * PointsPerPixel, height * PointsPerPixel);
            canvas.Scale(PointsPerPixel);
            draw(canvas);
            document.EndPage();
            document.Close();
        }
        return stream.ToArray();
    }

    /// <summary>Draws an SVG that scales and needs no font.</summary>
    public static byte[] Svg(int width, int height, string title, string description, Action<SKCanvas> draw)
    {
        using var stream = new MemoryStream();
        using (var canvas = SKSvgCanvas.Create(SKRect.Create(width, height), stream))
            draw(canvas);
        var text = TextOutlines.Draw(Tidy(Encoding.UTF8.GetString(stream.ToArray())));
        text = text.Replace("<image ", "<image style=\"image-rendering:pixelated\" ", StringComparison.Ordinal);
        var tag = text.IndexOf("<svg", StringComparison.Ordinal);
        text = text.Insert(text.IndexOf('>', tag) + 1, Element("title", title) + Element("desc", description));
        return Encoding.UTF8.GetBytes(
            text.Insert(
                tag + 4,
                string.Create(CultureInfo.InvariantCulture, $" role=\"img\" viewBox=\"0 0 {width} {height}\"")
            )
        );
    }

    private static string Element(string name, string text) =>
        $"<{name}>{SecurityElement.Escape(PlainText.Line(text))}</{name}>";

    /// <summary>
    /// Makes the picture smaller and its bytes reproducible. Hundredths of a pixel are precise enough, and Skia
    /// numbers its clips over the lifetime of the process. Only tags are changed, so that visible text stays as it
    /// is.
    /// </summary>
    private static string Tidy(string svg)
    {
        var clips = new Dictionary<string, string>();
        string Clip(Match name) =>
            clips.TryGetValue(name.Value, out var known) ? known : clips[name.Value] = $"clip{clips.Count}";
        static string Short(Match number) =>
            Math.Round(double.Parse(number.Value, CultureInfo.InvariantCulture), 2)
                .ToString(CultureInfo.InvariantCulture);
        return Tag().Replace(svg, tag => LongNumber().Replace(ClipName().Replace(tag.Value, Clip), Short));
    }

    [GeneratedRegex("<[^>]+>")]
    private static partial Regex Tag();

    [GeneratedRegex(@"-?\d+\.\d{3,}(e-?\d+)?")]
    private static partial Regex LongNumber();

    [GeneratedRegex("cl_[0-9a-f]+")]
    private static partial Regex ClipName();
}
