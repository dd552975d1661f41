using System.Numerics;

namespace Gyre.Lab.Figures;

/// <summary>
/// Fewer points for display, by smallest and largest of each bucket, so that a spike of one step stays. Files keep
/// everything.
/// </summary>
internal static class Decimation
{
    /// <summary>At most <paramref name="most"/> points, in order; points that are not finite are left out.</summary>
    public static (double[] X, double[] Y) Reduce(IEnumerable<(double X, double Y)> points, int most = 4000)
    {
        var all = points.ToArray();
        return Reduce(Array.ConvertAll(all, point => point.X), Array.ConvertAll(all, point => point.Y), most);
    }

    /// <summary>
    /// At most <paramref name="most"/> points, in order; points that are not finite are left out. Buckets are of a
    /// power of two of points, counted from the first: while points are added at the end, those before stay as they
    /// were. The last point is always there.
    /// </summary>
    /// <param name="x">Rising.</param>
    /// <param name="y">As many.</param>
    /// <param name="most">At least 4.</param>
    public static (double[] X, double[] Y) Reduce(ReadOnlySpan<double> x, ReadOnlySpan<double> y, int most = 4000)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 4);
        ArgumentOutOfRangeException.ThrowIfNotEqual(x.Length, y.Length);
        var (across, up) = Finite(x, y);
        if (across.Length <= most)
            return (across, up);
        var buckets = (most - 1) / 2;
        var size = (int)BitOperations.RoundUpToPowerOf2((uint)((across.Length + buckets - 1) / buckets));
        var (shownX, shownY) = (new List<double>(most), new List<double>(most));
        for (var start = 0; start < across.Length; start += size)
        {
            var (first, second) = Extremes(up.AsSpan(start, Math.Min(size, up.Length - start)));
            shownX.Add(across[start + first]);
            shownY.Add(up[start + first]);
            if (second == first)
                continue;
            shownX.Add(across[start + second]);
            shownY.Add(up[start + second]);
        }
        if (shownX[^1] < across[^1])
        {
            shownX.Add(across[^1]);
            shownY.Add(up[^1]);
        }
        return ([.. shownX], [.. shownY]);
    }

    private static (double[] X, double[] Y) Finite(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        var (across, up, count) = (new double[x.Length], new double[x.Length], 0);
        for (var i = 0; i < x.Length; i++)
        {
            if (!double.IsFinite(x[i]) || !double.IsFinite(y[i]))
                continue;
            (across[count], up[count]) = (x[i], y[i]);
            count++;
        }
        return (across[..count], up[..count]);
    }

    /// <summary>Places of the smallest and the largest, the earlier first.</summary>
    private static (int First, int Second) Extremes(ReadOnlySpan<double> bucket)
    {
        var (low, high) = (0, 0);
        for (var i = 1; i < bucket.Length; i++)
        {
            if (bucket[i] < bucket[low])
                low = i;
            if (bucket[i] > bucket[high])
                high = i;
        }
        return low <= high ? (low, high) : (high, low);
    }
}
