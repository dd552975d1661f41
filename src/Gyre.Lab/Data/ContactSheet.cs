using SkiaSharp;

namespace Gyre.Lab.Data;

/// <summary>A picture of a data set: one row per class with its first samples.</summary>
internal static class ContactSheet
{
    private const int Columns = 16;
    private const int MostRows = 40;
    private const int Side = 48;
    private const int Gap = 2;

    /// <summary>
    /// Returns a PNG of training images, one row per class in order; null if samples are not images ([H, W], [1, H,
    /// W] or [3, H, W]).
    /// </summary>
    public static byte[]? TryDraw(DataContent content) =>
        content switch
        {
            DataSet images => Drawn(
                images.Classes,
                images.Train.Labels,
                images.Train.SampleShape,
                (row, bytes) => images.Train.Pixels.Read(row, bytes)
            ),
            NumberSet { Classes: > 0 } numbers
                when numbers.Train.SampleShape.Count is 2 or 3 && numbers.Train.SampleShape is [.., > 1, > 1] => Drawn(
                numbers.Classes,
                numbers.Train.Labels!,
                numbers.Train.SampleShape,
                Scaled(numbers.Train)
            ),
            _ => null,
        };

    /// <summary>Scales each sample from its smallest value (black) to its largest (white).</summary>
    private static Action<int, byte[]> Scaled(NumberPart part)
    {
        var row = new double[part.Features.Size];
        return (index, bytes) =>
        {
            part.Features.Read(index, row);
            var (low, high) = (row.Min(), row.Max());
            for (var i = 0; i < bytes.Length; i++)
                bytes[i] = (byte)(high > low ? 255 * (row[i] - low) / (high - low) : 0);
        };
    }

    private static byte[]? Drawn(int classes, int[] labels, IReadOnlyList<int> shape, Action<int, byte[]> read)
    {
        if (shape.Count is not (2 or 3) || (shape.Count == 3 && shape[0] is not (1 or 3)))
            return null;
        var rows = Math.Min(classes, MostRows);
        using var surface = SKSurface.Create(new SKImageInfo(Columns * (Side + Gap) + Gap, rows * (Side + Gap) + Gap));
        surface.Canvas.Clear(SKColors.White);
        using var paint = new SKPaint();
        for (var label = 0; label < rows; label++)
        {
            foreach (
                var (column, index) in Enumerable
                    .Range(0, labels.Length)
                    .Where(i => labels[i] == label)
                    .Take(Columns)
                    .Index()
            )
            {
                using var bitmap = Bitmap(shape, index, read);
                using var image = SKImage.FromBitmap(bitmap);
                surface.Canvas.DrawImage(
                    image,
                    SKRect.Create(Gap + column * (Side + Gap), Gap + label * (Side + Gap), Side, Side),
                    new SKSamplingOptions(SKFilterMode.Nearest),
                    paint
                );
            }
        }
        using var snapshot = surface.Snapshot();
        using var data = snapshot.Encode(SKEncodedImageFormat.Png, 100);
        return data.ToArray();
    }

    /// <summary>
    /// Reads at most one pixel of a sample per pixel of its cell, so that samples of any size can be drawn.
    /// </summary>
    private static SKBitmap Bitmap(IReadOnlyList<int> shape, int index, Action<int, byte[]> read)
    {
        var (height, width, channels) = (shape[^2], shape[^1], shape.Count == 3 ? shape[0] : 1);
        var (rows, columns, bytes) = (
            Math.Min(height, Side),
            Math.Min(width, Side),
            new byte[height * width * channels]
        );
        read(index, bytes);
        var bitmap = new SKBitmap(new SKImageInfo(columns, rows, SKColorType.Rgba8888, SKAlphaType.Opaque));
        byte At(int channel, int place) => bytes[(channels == 1 ? 0 : channel * height * width) + place];
        for (var cell = 0; cell < rows * columns; cell++)
        {
            var (row, column) = (
                (2L * (cell / columns) + 1) * height / (2 * rows),
                (2L * (cell % columns) + 1) * width / (2 * columns)
            );
            var place = (int)(row * width + column);
            bitmap.SetPixel(cell % columns, cell / columns, new SKColor(At(0, place), At(1, place), At(2, place)));
        }
        return bitmap;
    }
}
