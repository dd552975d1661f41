using ScottPlot;
using SkiaSharp;

namespace Gyre.Lab.Figures;

/// <summary>
/// The only font of the figures. It is embedded in the program, so that figures look the same on a machine without
/// installed fonts.
/// </summary>
internal sealed class FigureFont : IFontResolver
{
    /// <summary>Name of the font family.</summary>
    public const string Family = "DejaVu Sans";

    private static readonly Lazy<byte[]> Bytes = new(ReadBytes);
    private static readonly Lazy<SKTypeface> Typeface = new(() => SKTypeface.FromData(SKData.CreateCopy(Bytes.Value)));
    private static readonly Lazy<bool> Registered = new(Register);

    public static SKTypeface Face => Typeface.Value;

    /// <summary>Makes ScottPlot use the font. Only the first call has an effect.</summary>
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
