using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Gyre.Lab.Figures;
using SkiaSharp;

namespace Gyre.Tests.Lab.Reports;

/// <summary>What stands on a page that was drawn as SVG.</summary>
internal static partial class SvgPage
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>What a drawing gives, which ends whatever is drawn.</summary>
    public static T Within<T>(Func<T> draw)
    {
        var drawing = Task.Run(draw);
        Assert.True(drawing.Wait(Patience), "the drawing does not end");
        return drawing.Result;
    }

    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    public static XElement Parse(byte[] svg)
    {
        using var stream = new MemoryStream(svg);
        return XDocument.Load(stream).Root!;
    }

    public static IEnumerable<XElement> TextElements(XElement root) =>
        root.Descendants(Svg + "g").Where(group => group.Attribute("aria-label") is not null);

    /// <summary>Fails where two texts overlap or one leaves the page.</summary>
    public static void NothingOverlaps(FigurePage page)
    {
        var texts = Texts(Parse(page.ToSvg()));
        Assert.NotEmpty(texts);
        var sheet = new SKRect(0, 0, page.Sheet.Width, page.Height);
        Assert.All(texts, text => Assert.True(sheet.Contains(text.Box), $"'{text.Text}' leaves the page: {text.Box}"));
        for (var i = 0; i < texts.Count; i++)
        {
            for (var j = 0; j < i; j++)
                Assert.False(
                    texts[i].Box.IntersectsWith(texts[j].Box),
                    $"'{texts[i].Text}' at {texts[i].Box} covers '{texts[j].Text}' at {texts[j].Box}"
                );
        }
    }

    /// <summary>Fails where a number of the drawing is none.</summary>
    public static void NothingButNumbers(FigurePage page, string name)
    {
        foreach (
            var number in Parse(page.ToSvg())
                .Descendants()
                .SelectMany(element => element.Attributes())
                .Where(attribute => attribute.Name.LocalName is not ("aria-label" or "href"))
                .SelectMany(attribute => NotANumber().Matches(attribute.Value))
        )
            Assert.Fail($"{number.Value} in the SVG of {name}");
    }

    /// <summary>
    /// Texts with their boxes on the page, from the transforms they stand in; capitals are 0.73 of the size high.
    /// </summary>
    public static List<(string Text, float Size, SKRect Box)> Texts(XElement root)
    {
        using var font = new SKFont(FigureFont.Face, 1000);
        return
        [
            .. TextElements(root)
                .Select(text => Placed(text.Attribute("aria-label")!.Value, text.Attribute("transform")!.Value, font)),
        ];
    }

    private static (string Text, float Size, SKRect Box) Placed(string text, string transform, SKFont font)
    {
        var matrix = Transform()
            .Matches(transform)
            .Aggregate(
                SKMatrix.Identity,
                (outer, inner) => outer.PreConcat(Matrix(inner.Groups[1].Value, inner.Groups[2].Value))
            );
        var size = MathF.Round(
            1000 * MathF.Sqrt(MathF.Abs(matrix.ScaleX * matrix.ScaleY - matrix.SkewX * matrix.SkewY)),
            3
        );
        return (text, size, matrix.MapRect(new SKRect(0, -730, font.MeasureText(text), 0)));
    }

    private static SKMatrix Matrix(string kind, string arguments)
    {
        var numbers = arguments.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries).Select(Number).ToArray();
        return kind switch
        {
            "translate" => SKMatrix.CreateTranslation(numbers[0], numbers.ElementAtOrDefault(1)),
            "scale" => SKMatrix.CreateScale(numbers[0], numbers[^1]),
            "matrix" => new SKMatrix(numbers[0], numbers[2], numbers[4], numbers[1], numbers[3], numbers[5], 0, 0, 1),
            _ => throw new NotSupportedException(kind),
        };
    }

    private static float Number(string text) => float.Parse(text, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"(\w+)\(([^)]*)\)")]
    private static partial Regex Transform();

    [GeneratedRegex(@"nan|inf", RegexOptions.IgnoreCase)]
    private static partial Regex NotANumber();
}
