using ScottPlot;
using SkiaSharp;

namespace Gyre.Lab.Figures;

/// <summary>
/// The one font of the figures, from inside the program: they read the same on a machine with no fonts installed.
/// </summary>
internal sealed class FigureFont : IFontResolver
{
    /// <summary>Name of the family.</summary>
    public const string Family = "DejaVu Sans";

    private static readonly Lazy<byte[]> Bytes = new(ReadBytes);
    private static readonly Lazy<SKTypeface> Typeface = new(() => SKTypeface.FromData(SKData.CreateCopy(Bytes.Value)));
    private static readonly Lazy<bool> Registered = new(Register);

    /// <summary>The font's face.</summary>
    public static SKTypeface Face => Typeface.Value;

    /// <summary>Makes ScottPlot use the font; once.</summary>
    public static void Use() => _ = Registered.Value;

    /// <inheritdoc/>
    public SKTypeface CreateTypeface(string fontName, FontWeight weight, FontSlant slant, FontSpacing spacing) =>
        Typeface.Value;

    /// <inheritdoc/>
    public SKTypeface CreateTypeface(string fontName, bool bold, bool italic) => Typeface.Value;

    private static bool Register()
    {
        Fonts.FontResolvers.Clear();
        Fonts.FontResolvers.Add(new FigureFont());
        Fonts.Default = Family;
        Fonts.Sans = Family;
        return true;
    }

    private static byte[] ReadBytes()
    {
        using var stream =
            typeof(FigureFont).Assembly.GetManifestResourceStream("Gyre.Lab.Figures.DejaVuSans-subset.ttf")
            ?? throw new InvalidOperationException("The program was built without its font.");
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }
}
