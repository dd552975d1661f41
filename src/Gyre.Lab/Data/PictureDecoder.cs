using System.Globalization;
using System.Runtime.InteropServices;
using SkiaSharp;

namespace Gyre.Lab.Data;

/// <summary>An image as a sample.</summary>
/// <param name="Planes">Red, green and blue, row-major.</param>
/// <param name="Traits">Properties recorded in the file.</param>
internal sealed record DecodedPicture(byte[] Planes, PictureTraits Traits);

/// <summary>
/// Decodes image files as a viewer shows them: oriented by EXIF, converted to sRGB from the file's profile or gamma,
/// with transparent parts on white. If a file contains several images, only the first is decoded.
/// </summary>
internal static class PictureDecoder
{
    /// <summary>Red, green and blue.</summary>
    public const int Channels = 3;

    /// <summary>Extensions of the files that are read. The format of a file is recognized by its first bytes.</summary>
    public static IReadOnlyList<string> Extensions { get; } =
    [".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".bmp", ".dib", ".webp", ".gif"];

    private const int MostBytes = 1 << 29;
    private const long MostPixels = 100_000_000; // 400 MB while it is decoded
    private const int Ground = 255;

    /// <summary>Crops the central square and resizes it.</summary>
    /// <param name="file">Path of the image file.</param>
    /// <param name="size">Side of the result in pixels.</param>
    /// <exception cref="DataException">
    /// The file is not an image, is damaged or too large, or has more than 8 bits per sample.
    /// </exception>
    public static DecodedPicture Square(string file, int size)
    {
        var (name, bytes) = (UserFile.Shown(file, UserFile.PathLetters), UserFile.Bytes(file, MostBytes));
        if (bytes.Length == 0)
            throw new DataException($"{name} is empty. Download it again, or remove it.");
        try
        {
            return Decoded(bytes, PictureTraits.Read(bytes), name, size);
        }
        catch (InvalidDataException error)
        {
            throw new DataException(
                $"{name} is truncated or damaged: {error.Message}. Download it again, or remove it.",
                error
            );
        }
        catch (Exception error) when (error is not (DataException or OutOfMemoryException))
        {
            throw new DataException(
                $"{name} cannot be decoded: {error.Message} Remove it, or save it in another image format.",
                error
            );
        }
    }

    private static DecodedPicture Decoded(byte[] bytes, PictureTraits traits, string name, int size)
    {
        if (traits.Bits > 8)
            throw new DataException(
                $"{name} has {traits.Bits} bits per sample, but images are decoded to 8, and the others "
                    + "would be lost. Convert it to 8 bits, scaling its range to 0 to 255, or save the data as numpy "
                    + "arrays (data.name = \"arrays\"), which keep all bits."
            );
        using var stream = new SKMemoryStream(bytes);
        using var codec =
            SKCodec.Create(stream, out var result)
            ?? throw new DataException(
                $"{name} is not an image that can be read ({result}): PNG, JPEG, BMP, WebP and "
                    + "GIF are supported. Convert it, download it again, or remove it."
            );
        using var upright = Turned(
            Bitmap(codec, traits, name),
            traits.Orientation > 0 ? traits.Orientation : (int)codec.EncodedOrigin
        );
        var side = Math.Min(upright.Width, upright.Height);
        var (left, top) = ((upright.Width - side) / 2, (upright.Height - side) / 2);
        using var square = new SKBitmap(new SKImageInfo(side, side, SKColorType.Rgba8888, SKAlphaType.Opaque));
        OnGround(upright, square, left, top);
        using var resized =
            side == size
                ? square.Copy()
                : square.Resize(
                    square.Info.WithSize(size, size),
                    new SKSamplingOptions(SKFilterMode.Linear, SKMipmapMode.Linear)
                );
        return resized is null
            ? throw new DataException(
                $"{name} ({upright.Width}×{upright.Height} pixels) cannot be resized to "
                    + $"{size}×{size}. Remove it, or lower data.size."
            )
            : new DecodedPicture(
                Planes(resized, size),
                traits with
                {
                    HasMore = traits.HasMore || codec.FrameCount > 1,
                }
            );
    }

    private static SKBitmap Bitmap(SKCodec codec, PictureTraits traits, string name)
    {
        var (width, height) = (codec.Info.Width, codec.Info.Height);
        if ((long)width * height > MostPixels)
            throw new DataException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{name} has {width}×{height} pixels according to its header, but at most {MostPixels:N0} pixels "
                        + $"are decoded. Make it smaller, or remove it."
                )
            );
        using var srgb = traits.IsPlain ? null : SKColorSpace.CreateSrgb();
        var bitmap = new SKBitmap(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Unpremul, srgb));
        var decoded = codec.GetPixels(bitmap.Info, bitmap.GetPixels());
        if (decoded == SKCodecResult.Success)
            return bitmap;
        bitmap.Dispose();
        throw new DataException(
            decoded == SKCodecResult.IncompleteInput
                ? $"{name} is truncated. Download it again, or remove it."
                : $"{name} ({width}×{height} pixels) cannot be decoded ({decoded}): it is damaged, or of a kind "
                    + "that is not supported. Download it again, convert it, or remove it."
        );
    }

    /// <summary>
    /// Returns the image upright. EXIF orientations: 1 as stored, 2 mirrored, 3 upside down, 4 mirrored upside down,
    /// 5 to 8 with rows and columns exchanged.
    /// </summary>
    private static SKBitmap Turned(SKBitmap bitmap, int orientation)
    {
        if (orientation <= 1)
            return bitmap;
        using (bitmap)
        {
            var (width, height) = orientation >= 5 ? (bitmap.Height, bitmap.Width) : (bitmap.Width, bitmap.Height);
            var turned = new SKBitmap(bitmap.Info.WithSize(width, height));
            var from = Pixels(bitmap);
            var to = Pixels(turned);
            var (right, bottom) = (bitmap.Width - 1, bitmap.Height - 1);
            for (var y = 0; y < height; y++)
            {
                for (var x = 0; x < width; x++)
                {
                    var (column, row) = orientation switch
                    {
                        2 => (right - x, y),
                        3 => (right - x, bottom - y),
                        4 => (x, bottom - y),
                        5 => (y, x),
                        6 => (y, bottom - x),
                        7 => (right - y, bottom - x),
                        _ => (right - y, x),
                    };
                    to[y * width + x] = from[row * bitmap.Width + column];
                }
            }
            return turned;
        }
    }

    /// <summary>Draws a square of an image on white, as most viewers do.</summary>
    private static void OnGround(SKBitmap picture, SKBitmap square, int left, int top)
    {
        var from = picture.GetPixelSpan();
        var to = square.GetPixelSpan();
        for (var y = 0; y < square.Height; y++)
        {
            var source = from.Slice(((top + y) * picture.Width + left) * 4, square.Width * 4);
            var target = to.Slice(y * square.Width * 4, square.Width * 4);
            for (var i = 0; i < source.Length; i++)
                target[i] =
                    i % 4 == 3
                        ? (byte)255
                        : (byte)((source[i] * source[i | 3] + Ground * (255 - source[i | 3]) + 127) / 255);
        }
    }

    private static byte[] Planes(SKBitmap resized, int size)
    {
        var pixels = resized.GetPixelSpan();
        var planes = new byte[Channels * size * size];
        for (var i = 0; i < size * size; i++)
        {
            for (var channel = 0; channel < Channels; channel++)
                planes[channel * size * size + i] = pixels[4 * i + channel];
        }
        return planes;
    }

    private static Span<uint> Pixels(SKBitmap bitmap) => MemoryMarshal.Cast<byte, uint>(bitmap.GetPixelSpan());
}
