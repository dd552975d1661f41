using Gyre.Lab.Data;
using Gyre.Tests.TestKit;
using SkiaSharp;

namespace Gyre.Tests.Lab.Data;

/// <summary>What a picture file says of itself is honored as a viewer does, or refused, or told.</summary>
public sealed class PictureTests : IDisposable
{
    private static readonly byte[] Color = [200, 100, 50];
    private static readonly byte[] Red = [255, 0, 0];
    private static readonly byte[] Letters = "abcd"u8.ToArray();

    private readonly TemporaryFolder _folder = new();
    private readonly CacheIn _cache;

    public PictureTests() => _cache = new CacheIn(_folder[".cache"]);

    public void Dispose()
    {
        _cache.Dispose();
        _folder.Dispose();
    }

    /// <summary>c·alpha/255 + 255·(1 − alpha/255), in whole numbers.</summary>
    [Theory]
    [InlineData(0, 255, 255, 255)]
    [InlineData(1, 255, 254, 254)]
    [InlineData(128, 227, 177, 152)]
    [InlineData(255, 200, 100, 50)]
    public void Transparency_lies_on_white_at_every_size(byte alpha, byte red, byte green, byte blue)
    {
        foreach (var side in new[] { 4, 8, 9 })
        {
            var planes = Decoded(PictureBytes.Png(side, side, 4, Repeated([.. Color, alpha], side * side)), 4);
            Assert.All(planes[..16], value => Assert.Equal(red, value));
            Assert.All(planes[16..32], value => Assert.Equal(green, value));
            Assert.All(planes[32..], value => Assert.Equal(blue, value));
        }
    }

    [Fact]
    public void A_color_that_is_named_as_transparent_is_white()
    {
        byte[] row = [.. Color, 10, 20, 30];
        var planes = Decoded(
            PictureBytes.Png(2, 2, 3, [.. row, .. row], PictureBytes.Chunk("tRNS", [0, 200, 0, 100, 0, 50])),
            2
        );
        Assert.Equal([255, 10, 255, 10, 255, 20, 255, 20, 255, 30, 255, 30], planes);
    }

    /// <summary>The table of the EXIF standard: what a viewer shows of a file whose pixels are ab/cd.</summary>
    [Theory]
    [InlineData(1, "abcd")]
    [InlineData(2, "badc")]
    [InlineData(3, "dcba")]
    [InlineData(4, "cdab")]
    [InlineData(5, "acbd")]
    [InlineData(6, "cadb")]
    [InlineData(7, "dbca")]
    [InlineData(8, "bdac")]
    public void A_picture_is_turned_as_its_EXIF_data_says(byte orientation, string shown)
    {
        var png = PictureBytes.Png(2, 2, 1, Letters, PictureBytes.Chunk("eXIf", PictureBytes.Exif(orientation)));
        Assert.Equal(shown, new string([.. Decoded(png, 2)[..4].Select(value => (char)value)]));
    }

    [Theory]
    [InlineData(SKEncodedImageFormat.Jpeg)]
    [InlineData(SKEncodedImageFormat.Webp)]
    public void A_photograph_from_the_side_is_turned_upright(SKEncodedImageFormat format)
    {
        using var bitmap = new SKBitmap(16, 16);
        for (var i = 0; i < 256; i++)
            bitmap.SetPixel(i % 16, i / 16, i % 16 < 8 ? SKColors.White : SKColors.Black);
        using var encoded = bitmap.Encode(format, 100);
        var bytes = encoded.ToArray();
        var planes = Decoded(
            format == SKEncodedImageFormat.Jpeg
                ? PictureBytes.WithExif(bytes, 6)
                : PictureBytes.WebpWithExif(bytes, 16, 6),
            16
        );
        Assert.All(planes[..128], value => Assert.InRange(value, 250, 255)); // the left half is above
        Assert.All(planes[128..256], value => Assert.InRange(value, 0, 5));
    }

    /// <summary>
    /// A gamma of 1 is light itself, which sRGB encodes by its curve; a gamma of 1/2.2 is sRGB in the words of older
    /// programs.
    /// </summary>
    [Fact]
    public void Colors_are_sRGB_by_the_gamma_of_the_file()
    {
        var linear = Decoded(PictureBytes.Png(1, 1, 3, Color, PictureBytes.Chunk("gAMA", [0, 1, 0x86, 0xa0])), 1);
        Assert.All(linear.Zip(Color), pair => Assert.Equal(Encoded(pair.Second / 255.0), pair.First, 1.0));
        Assert.Equal(
            Color,
            Decoded(PictureBytes.Png(1, 1, 3, Color, PictureBytes.Chunk("gAMA", [0, 0, 0xb1, 0x8f])), 1)
        );
        Assert.Equal(Color, Decoded(PictureBytes.Png(1, 1, 3, Color), 1));
    }

    [Fact]
    public void A_profile_of_other_primaries_becomes_sRGB()
    {
        using var wide = SKColorSpace.CreateRgb(SKColorSpaceTransferFn.Srgb, SKColorSpaceXyz.DisplayP3);
        using var bitmap = new SKBitmap(new SKImageInfo(1, 1, SKColorType.Rgba8888, SKAlphaType.Opaque, wide));
        bitmap.GetPixelSpan()[0] = 255; // the red of Display P3 lies outside of sRGB
        bitmap.GetPixelSpan()[3] = 255;
        using var png = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        Assert.Equal(Red, Decoded(png.ToArray(), 1));
        bitmap.GetPixelSpan()[0] = 128;
        using var half = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        // Display P3's red is 1.2249 of sRGB's in linear light (CSS Color 4).
        var light = 1.2249 * Math.Pow((128 / 255.0 + 0.055) / 1.055, 2.4);
        Assert.Equal(Encoded(light), Decoded(half.ToArray(), 1)[0], 1.5);
    }

    [Fact]
    public void More_than_eight_bits_are_refused_with_their_number()
    {
        Assert.Contains(
            "16 bits per sample",
            Refused(PictureBytes.Png(1, 1, 16, 0, [0, 12, 34])),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "12 bits per sample",
            Refused(PictureBytes.Jpeg([200], precision: 12)),
            StringComparison.Ordinal
        );
        Assert.All(Decoded(PictureBytes.Jpeg([200]), 1), value => Assert.Equal(200, value));
        Assert.All(Decoded(PictureBytes.Png(1, 1, 2, 0, [0, 0b01000000]), 1), value => Assert.Equal(85, value));
    }

    [Fact]
    public void Enormous_pictures_are_refused_by_name_and_strips_are_read()
    {
        Assert.Contains(
            "100000×100000",
            Refused(PictureBytes.Png(100_000, 100_000, 8, 0, [0])),
            StringComparison.Ordinal
        );
        Assert.Contains("30000×30000", Refused(PictureBytes.Png(30_000, 30_000, 8, 0, [0])), StringComparison.Ordinal);
        Assert.All(
            Decoded(PictureBytes.Png(1, 60_000, 1, Repeated([7], 60_000)), 224),
            value => Assert.Equal(7, value)
        );
        Assert.All(
            Decoded(PictureBytes.Png(1_000_000, 1, 1, Repeated([9], 1_000_000)), 3),
            value => Assert.Equal(9, value)
        );
    }

    [Fact]
    public void Damaged_empty_and_foreign_files_are_refused_by_name()
    {
        var png = PictureBytes.Png(2, 2, 1, Letters);
        Assert.Contains("is empty", Refused([]), StringComparison.Ordinal);
        Assert.Contains(
            "PNG, JPEG, BMP, WebP and GIF",
            Refused("II*\0 a TIFF file"u8.ToArray()),
            StringComparison.Ordinal
        );
        for (var length = 1; length < png.Length; length++)
            Refused(png[..length]);
        for (var at = 8; at < png.Length; at++)
            Refused([.. png[..at], (byte)(png[at] ^ 1), .. png[(at + 1)..]]);
    }

    [Fact]
    public void Further_pictures_and_four_inks_are_told_also_from_the_cache()
    {
        Write("a/moving.gif", PictureBytes.Gif(2));
        Write("a/still.gif", PictureBytes.Gif(1));
        Write("a/animated.png", PictureBytes.Png(1, 1, 1, [5], PictureBytes.Chunk("acTL", [0, 0, 0, 3, 0, 0, 0, 0])));
        Write("b/inks.jpg", PictureBytes.Jpeg([10, 20, 30, 40]));
        foreach (var _ in Enumerable.Range(0, 2))
        {
            var remarks = ImageFolder.Read(new DataRequest(_folder.Path) { Size = 1 }).Remarks;
            Assert.Contains(
                remarks,
                remark =>
                    remark.StartsWith("training: 2 files contain more than one image", StringComparison.Ordinal)
                    && remark.Contains("\"animated.png\", " + "\"moving.gif\"", StringComparison.Ordinal)
            );
            Assert.Contains(
                remarks,
                remark => remark.StartsWith("training: inks.jpg is in CMYK colors", StringComparison.Ordinal)
            );
        }
    }

    /// <summary>The curve of sRGB, 0 to 255 (IEC 61966-2-1).</summary>
    private static double Encoded(double light) => 255 * (1.055 * Math.Pow(light, 1 / 2.4) - 0.055);

    private byte[] Decoded(byte[] bytes, int size)
    {
        Write("one.png", bytes);
        return PictureDecoder.Square(_folder["one.png"], size).Planes;
    }

    private string Refused(byte[] bytes)
    {
        Write("one.png", bytes);
        var message = Assert.Throws<DataException>(() => PictureDecoder.Square(_folder["one.png"], 8)).Message;
        Assert.Contains("one.png", message, StringComparison.Ordinal);
        return message;
    }

    private void Write(string path, byte[] bytes)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder[path])!);
        File.WriteAllBytes(_folder[path], bytes);
    }

    private static byte[] Repeated(byte[] pixel, int count) =>
        [.. Enumerable.Repeat(pixel, count).SelectMany(one => one)];
}
