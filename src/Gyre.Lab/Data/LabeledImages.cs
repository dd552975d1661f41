namespace Gyre.Lab.Data;

/// <summary>Images as bytes, with their classes.</summary>
/// <param name="Pixels">One row per image, channel by channel, row-major.</param>
/// <param name="SampleShape">Shape of one image: [28, 28], or [3, 32, 32] with channels first.</param>
/// <param name="Labels">The class of each image.</param>
internal sealed record LabeledImages(PixelRows Pixels, IReadOnlyList<int> SampleShape, int[] Labels)
{
    /// <summary>Creates images from bytes in memory, one image after another.</summary>
    public LabeledImages(byte[] pixels, IReadOnlyList<int> sampleShape, int[] labels)
        : this(new MemoryPixels(pixels, SizeOf(sampleShape)), sampleShape, labels) { }

    /// <summary>The number of images.</summary>
    public int Count => Labels.Length;

    /// <summary>Bytes per image.</summary>
    public int SampleSize => SizeOf(SampleShape);

    /// <summary>The number of channels: 1 for gray images [H, W], otherwise the first dimension.</summary>
    public int Channels => SampleShape.Count == 3 ? SampleShape[0] : 1;

    /// <summary>Returns the number of images per class.</summary>
    public int[] ClassCounts(int classes)
    {
        var counts = new int[classes];
        foreach (var label in Labels)
            counts[label]++;
        return counts;
    }

    /// <summary>
    /// Returns the mean and the standard deviation of each channel over all pixels of the chosen images, in the range
    /// 0 to 1. The sums are exact, since bytes and their squares are integers.
    /// </summary>
    public (double Mean, double Deviation)[] PixelMoments(IReadOnlyList<int> chosen)
    {
        ArgumentNullException.ThrowIfNull(chosen);
        var (sums, squares, image) = (new long[Channels], new long[Channels], new byte[SampleSize]);
        var plane = SampleSize / Channels;
        foreach (var index in chosen)
        {
            Pixels.Read(index, image);
            for (var channel = 0; channel < Channels; channel++)
            {
                var (sum, square) = (0L, 0L);
                foreach (var pixel in image.AsSpan(channel * plane, plane))
                {
                    sum += pixel;
                    square += pixel * pixel;
                }
                (sums[channel], squares[channel]) = (sums[channel] + sum, squares[channel] + square);
            }
        }
        var count = (double)chosen.Count * plane;
        return
        [
            .. sums.Zip(
                squares,
                (sum, square) =>
                    (sum / count / 255, Math.Sqrt(Math.Max(0, square / count - sum / count * (sum / count))) / 255)
            ),
        ];
    }

    private static int SizeOf(IReadOnlyList<int> shape) => shape.Aggregate(1, (product, size) => product * size);
}

/// <summary>A data set of images as read: a training part to draw subsets from, and a test part.</summary>
/// <param name="Name">Name in the catalog.</param>
/// <param name="Classes">The number of classes.</param>
/// <param name="Train">Images that subsets are drawn from.</param>
/// <param name="Test">Held-out images, used whole; null if there are none.</param>
/// <param name="Attribution">Authors and license.</param>
internal sealed record DataSet(string Name, int Classes, LabeledImages Train, LabeledImages? Test, string Attribution)
    : DataContent(Name, Attribution)
{
    /// <summary>Names of the classes; empty if they have only numbers.</summary>
    public IReadOnlyList<string> ClassNames { get; init; } = [];
}
