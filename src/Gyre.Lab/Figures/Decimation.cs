using System.Numerics;

namespace Gyre.Lab.Figures;

/// <summary>
/// Reduces points for display by the smallest and largest of each bucket, so that a spike of a single step remains
/// visible. Files keep all points.
/// </summary>
internal static class Decimation
{
    /// <summary>
    /// Returns at most <paramref name="most"/> points, in order. Points that are not finite are left out.
    /// </summary>
    public static (double[] X, double[] Y) Reduce(IEnumerable<(double X, double Y)> points, int most = 4000)
    {
        var all = points.ToArray();
        return Reduce(Array.ConvertAll(all, point => point.X), Array.ConvertAll(all, point => point.Y), most);
    }

    /// <summary>
    /// Returns at most <paramref name="most"/> points, in order. Points that are not finite are left out. The bucket
    /// size is a power of two, and buckets are counted from the first point. Points appended at the end therefore
    /// leave earlier buckets unchanged until the bucket size doubles. The last point is always included.
    /// </summary>
    /// <param name="x">Abscissas, in increasing order.</param>
    /// <param name="y">Ordinates, as many as <paramref name="x"/>.</param>
    /// <param name="most">The maximum number of points, at least 4.</param>
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

    /// <summary>Returns the positions of the smallest and the largest value, the earlier first.</summary>
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
