using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using SkiaSharp;

namespace Gyre.Lab.Figures;

/// <summary>
/// Converts the texts of an SVG to outlines. An embedded font would not work: browsers ignore it if a page's policy
/// forbids fonts, as on code-hosting sites, and most other viewers always do. Each character is outlined once and
/// referenced where it occurs. The words remain in the label of the group.
/// </summary>
internal static partial class TextOutlines
{
    private const int Em = 1000; // units per font size; a thousandth of the size is far below a pixel

    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";
    private static readonly XNamespace Link = "http://www.w3.org/1999/xlink";

    /// <summary>Returns the same picture without text elements.</summary>
    public static string Draw(string svg)
    {
        var root = XElement.Parse(svg);
        using var font = new SKFont(FigureFont.Face, Em);
        var used = new SortedSet<char>();
        foreach (var text in root.Descendants(Svg + "text").ToArray())
            text.ReplaceWith(Group(text, font, used));
        root.AddFirst(
            new XElement(
                Svg + "defs",
                used.Select(character => new XElement(
                    Svg + "path",
                    new XAttribute("id", Id(character)),
                    new XAttribute("d", Outline(font, character))
                ))
            )
        );
        return root.ToString(SaveOptions.DisableFormatting);
    }

    private static XElement Group(XElement text, SKFont font, SortedSet<char> used)
    {
        var content = text.Value.Trim();
        var place = string.Create(
                CultureInfo.InvariantCulture,
                $"{text.Attribute("transform")?.Value} translate({First(text, "x")} {First(text, "y")}) "
                    + $"scale({double.Parse(First(text, "font-size"), CultureInfo.InvariantCulture) / Em})"
            )
            .Trim();
        var group = new XElement(Svg + "g", new XAttribute("aria-label", content), new XAttribute("transform", place));
        foreach (
            var color in text.Attributes()
                .Where(attribute => attribute.Name.LocalName.StartsWith("fill", StringComparison.Ordinal))
        )
            group.Add(color);
        var positions = font.GetGlyphPositions(content);
        for (var i = 0; i < content.Length; i++)
        {
            if (content[i] is ' ' or '\u00a0')
                continue;
            used.Add(content[i]);
            group.Add(
                new XElement(
                    Svg + "use",
                    new XAttribute(Link + "href", "#" + Id(content[i])),
                    new XAttribute("x", (int)MathF.Round(positions[i].X))
                )
            );
        }
        return group;
    }

    private static string Id(char character) => $"g{(int)character:x}";

    private static string First(XElement text, string name) => text.Attribute(name)?.Value.Split(',')[0] ?? "0";

    private static string Outline(SKFont font, char character)
    {
        using var path = font.GetGlyphPath(font.GetGlyph(character));
        return path is null
            ? ""
            : Fraction()
                .Replace(
                    path.ToSvgPathData(),
                    number =>
                        Math.Round(double.Parse(number.Value, CultureInfo.InvariantCulture))
                            .ToString(CultureInfo.InvariantCulture)
                );
    }

    [GeneratedRegex(@"-?\d+\.\d+(e-?\d+)?")]
    private static partial Regex Fraction();
}
