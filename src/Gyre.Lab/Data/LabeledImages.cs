namespace Gyre.Lab.Data;

/// <summary>Images as bytes with their class labels.</summary>
/// <param name="Pixels">A row an image, planes of channels one after the other, row-major.</param>
/// <param name="SampleShape">Shape of one image: [28, 28], or [3, 32, 32] with its channels first.</param>
/// <param name="Labels">Class of each.</param>
internal sealed record LabeledImages(PixelRows Pixels, IReadOnlyList<int> SampleShape, int[] Labels)
{
    /// <summary>From bytes in memory, one image after another.</summary>
    public LabeledImages(byte[] pixels, IReadOnlyList<int> sampleShape, int[] labels)
        : this(new MemoryPixels(pixels, SizeOf(sampleShape)), sampleShape, labels) { }

    /// <summary>How many.</summary>
    public int Count => Labels.Length;

    /// <summary>Bytes an image.</summary>
    public int SampleSize => SizeOf(SampleShape);

    /// <summary>1 of grey images [H, W], else the first size of the shape.</summary>
    public int Channels => SampleShape.Count == 3 ? SampleShape[0] : 1;

    /// <summary>Images a class.</summary>
    public int[] ClassCounts(int classes)
    {
        var counts = new int[classes];
        foreach (var label in Labels)
            counts[label]++;
        return counts;
    }

    /// <summary>
    /// Mean and standard deviation over all pixels of each channel, scaled to 0 to 1, of the images chosen. The sums
    /// are exact: bytes and their squares are whole numbers.
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

/// <summary>A data set of images as it is read: a training part to draw subsets from, and a test part.</summary>
/// <param name="Name">Its name in the catalog.</param>
/// <param name="Classes">Number of classes.</param>
/// <param name="Train">To draw from.</param>
/// <param name="Test">Held out, used whole; null where there is none.</param>
/// <param name="Attribution">Who made it, under which licence.</param>
internal sealed record DataSet(string Name, int Classes, LabeledImages Train, LabeledImages? Test, string Attribution)
    : DataContent(Name, Attribution)
{
    /// <summary>What classes are called; empty where they have numbers alone.</summary>
    public IReadOnlyList<string> ClassNames { get; init; } = [];
}
