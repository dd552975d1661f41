namespace Gyre.Lab.Data;

/// <summary>Samples as bytes with their class labels.</summary>
/// <param name="Pixels">Row-major, one sample after another: count × Π shape bytes.</param>
/// <param name="SampleShape">Shape of one sample, such as [28, 28].</param>
/// <param name="Labels">Class index of each sample.</param>
public sealed record LabelledImages(byte[] Pixels, IReadOnlyList<int> SampleShape, byte[] Labels)
{
    /// <summary>How many samples.</summary>
    public int Count => Labels.Length;

    /// <summary>Bytes a sample.</summary>
    public int SampleSize => SampleShape.Aggregate(1, (product, size) => product * size);

    /// <summary>Samples per class.</summary>
    public int[] ClassCounts(int classes)
    {
        var counts = new int[classes];
        foreach (var label in Labels)
            counts[label]++;
        return counts;
    }

    /// <summary>Mean and standard deviation over all pixels, scaled to 0 to 1. The sums are exact: bytes and their squares are whole numbers.</summary>
    public (double Mean, double Deviation) PixelMoments()
    {
        var (sum, squares) = (0L, 0L);
        foreach (var pixel in Pixels)
        {
            sum += pixel;
            squares += pixel * pixel;
        }
        var mean = (double)sum / Pixels.Length;
        return (mean / 255, Math.Sqrt(Math.Max(0, (double)squares / Pixels.Length - mean * mean)) / 255);
    }

    /// <summary>The chosen samples, in the order given.</summary>
    public LabelledImages Take(IReadOnlyList<int> indices)
    {
        ArgumentNullException.ThrowIfNull(indices);
        var size = SampleSize;
        var pixels = new byte[indices.Count * size];
        for (var i = 0; i < indices.Count; i++)
            Pixels.AsSpan(indices[i] * size, size).CopyTo(pixels.AsSpan(i * size));
        return new LabelledImages(pixels, SampleShape, [.. indices.Select(index => Labels[index])]);
    }
}

/// <summary>A data set as it is read: a training part to draw subsets from, and a test part.</summary>
/// <param name="Name">Its name in the catalog.</param>
/// <param name="Classes">Number of classes.</param>
/// <param name="Train">To draw from.</param>
/// <param name="Test">Held out, used whole.</param>
/// <param name="Attribution">Who made it, under which licence.</param>
public sealed record DataSet(string Name, int Classes, LabelledImages Train, LabelledImages Test, string Attribution);
