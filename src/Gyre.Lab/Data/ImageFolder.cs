using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using SkiaSharp;

namespace Gyre.Lab.Data;

/// <summary>
/// A folder of image files in folders of their classes, as ImageNet is laid out. Files are decoded once, resized so that the shorter side is data.size, cut square in the middle, and kept as bytes in the user's cache, from where they are mapped:
/// the images may be larger than memory.
/// </summary>
public static class ImageFolder
{
    private const int Channels = 3;
    private static readonly string[] Endings = [".png", ".jpg", ".jpeg", ".bmp", ".webp"];
    private static readonly string[] TestNames = ["test", "val", "validation"];

    /// <summary>Reads train/CLASS/… with test/CLASS/… or val/CLASS/…, or CLASS/… alone, without a test set.</summary>
    /// <exception cref="DataException">No classes, a damaged image, or the cache cannot be written.</exception>
    public static DataSet Read(DataRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var path = request.Path;
        if (!Directory.Exists(path))
            throw new DataException($"data.path = \"{path}\" is not a folder. It must hold train/CLASS/… with image files, or CLASS/….");
        var train = Directory.Exists(Path.Combine(path, "train")) ? Path.Combine(path, "train") : path;
        var test = train == path ? null : TestNames.Select(name => Path.Combine(path, name)).FirstOrDefault(Directory.Exists);
        string[] classes = [.. Directory.EnumerateDirectories(train).Select(folder => Path.GetFileName(folder)!).Where(name => name[0] != '.').Order(StringComparer.Ordinal)];
        if (classes.Length < 2)
            throw new DataException($"{train} has {classes.Length} folders: every class needs one, with its image files, and two classes at least.");
        if (test is not null && Directory.EnumerateDirectories(test).Select(folder => Path.GetFileName(folder)!).Except(classes).FirstOrDefault() is { } foreign)
            throw new DataException($"{test} has a class \"{foreign}\" that {train} has not.");
        return new DataSet("images", classes.Length, Part(train, classes, request.Size), test is null ? null : Part(test, classes, request.Size), $"images of {Path.GetFullPath(path)}, resized to {request.Size}×{request.Size}") { ClassNames = classes };
    }

    /// <summary>Every image file below the folders of classes, of training and test set.</summary>
    public static IReadOnlyList<string> Files(string path) =>
    [
        .. Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories)
            .Where(file => Endings.Contains(Path.GetExtension(file).ToLowerInvariant())).Order(StringComparer.Ordinal),
    ];

    private static LabelledImages Part(string folder, string[] classes, int size)
    {
        (string File, int Label)[] files =
        [
            .. classes.Index().SelectMany(one => Directory.Exists(Path.Combine(folder, one.Item))
                ? Directory.EnumerateFiles(Path.Combine(folder, one.Item)).Where(file => Endings.Contains(Path.GetExtension(file).ToLowerInvariant())).Order(StringComparer.Ordinal).Select(file => (file, one.Index)) : []),
        ];
        if (files.Length == 0)
            throw new DataException($"{folder} has no image file in its folders; {string.Join(", ", Endings)} are read.");
        var cache = Cached([.. files.Select(one => one.File)], size);
        return new LabelledImages(new MappedPixels(cache, 0, Channels * size * size, Channels * size * size, files.Length), [Channels, size, size], [.. files.Select(one => one.Label)]);
    }

    /// <summary>The file of decoded bytes, made where it is missing; its name is the hash of every file's path, size and time.</summary>
    private static string Cached(string[] files, int size)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in files)
            hash.AppendData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Path.GetFullPath(file)}|{new FileInfo(file).Length}|{File.GetLastWriteTimeUtc(file).Ticks}\n")));
        var folder = DataFolder.Of("images-cache");
        var path = Path.Combine(folder, $"{Convert.ToHexStringLower(hash.GetHashAndReset())[..32]}-{size}.bytes");
        if (File.Exists(path) && new FileInfo(path).Length == (long)files.Length * Channels * size * size)
            return path;
        var part = $"{path}.{Environment.ProcessId}.part";
        try
        {
            Directory.CreateDirectory(folder);
            using (var stream = File.Create(part))
            {
                foreach (var file in files)
                    stream.Write(Decoded(file, size));
            }
            File.Move(part, path, overwrite: true);
            return path;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DataException($"Decoded images cannot be kept in {folder}: {error.Message} Free space, or name another folder by {DataFolder.Variable}.", error);
        }
        finally
        {
            File.Delete(part);
        }
    }

    /// <summary>Planes of red, green and blue.</summary>
    private static byte[] Decoded(string file, int size)
    {
        using var image = Bitmap(file);
        var scale = (double)size / Math.Min(image.Width, image.Height);
        var (width, height) = (Math.Max(size, (int)Math.Round(image.Width * scale)), Math.Max(size, (int)Math.Round(image.Height * scale)));
        using var resized = (width, height) == (image.Width, image.Height) ? image.Copy() : image.Resize(new SKImageInfo(width, height, SKColorType.Rgba8888), new SKSamplingOptions(SKFilterMode.Linear, SKMipmapMode.Linear));
        var (left, top, planes) = ((width - size) / 2, (height - size) / 2, new byte[Channels * size * size]);
        for (var y = 0; y < size; y++)
        {
            for (var x = 0; x < size; x++)
            {
                var color = resized.GetPixel(left + x, top + y);
                (planes[y * size + x], planes[(size + y) * size + x], planes[(2 * size + y) * size + x]) = (color.Red, color.Green, color.Blue);
            }
        }
        return planes;
    }

    private static SKBitmap Bitmap(string file)
    {
        using var codec = SKCodec.Create(file, out var result) ?? throw new DataException($"{file} is not an image that can be read ({result}). Get it again, or remove it.");
        var bitmap = new SKBitmap(new SKImageInfo(codec.Info.Width, codec.Info.Height, SKColorType.Rgba8888, SKAlphaType.Unpremul));
        var decoded = codec.GetPixels(bitmap.Info, bitmap.GetPixels());
        if (decoded == SKCodecResult.Success)
            return bitmap;
        bitmap.Dispose();
        throw new DataException($"{file} is truncated or damaged ({decoded}). Get it again, or remove it.");
    }
}
