namespace Gyre.Lab.Reports;

/// <summary>Fewer points for display, by smallest and largest of each bucket, so that a spike of one step stays. Files keep everything.</summary>
public static class Decimation
{
    /// <summary>At most about <paramref name="most"/> points, in order; points that are not finite are left out.</summary>
    public static (double[] X, double[] Y) Reduce(IEnumerable<(double X, double Y)> points, int most = 4000)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 4);
        var finite = points.Where(point => double.IsFinite(point.X) && double.IsFinite(point.Y)).ToArray();
        if (finite.Length > most)
            finite = [.. finite.Chunk((finite.Length + most / 2 - 1) / (most / 2)).SelectMany(Extremes)];
        return ([.. finite.Select(point => point.X)], [.. finite.Select(point => point.Y)]);
    }

    private static IEnumerable<(double X, double Y)> Extremes((double X, double Y)[] bucket)
    {
        var (low, high) = (bucket.MinBy(point => point.Y), bucket.MaxBy(point => point.Y));
        return low.X <= high.X ? [low, high] : [high, low];
    }
}
