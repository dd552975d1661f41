namespace Gyre.Dashboard.Charts;

/// <summary>Computes the range of an axis for given lines.</summary>
internal static class LineRange
{
    /// <summary>
    /// Returns the range of the values with a margin; null if there are no values. Error bars are included up to one
    /// width of the range beyond it. If all values are equal, a thousandth of the value counts as the width.
    /// </summary>
    public static (double Low, double High)? Ends(IReadOnlyList<Line> lines, double room)
    {
        var values = lines.SelectMany(line => line.Y.ToArray()).Where(double.IsFinite).ToArray();
        if (values.Length == 0)
            return null;
        var (low, high) = (values.Min(), values.Max());
        var most = high > low ? high - low : Math.Max(1e-3 * Math.Abs(high), 1e-9);
        var bars = lines
            .SelectMany(line => line.Low.ToArray().Concat(line.High.ToArray()))
            .Where(double.IsFinite)
            .ToArray();
        var (under, over) = (
            Math.Max(low - most, bars.Append(low).Min()),
            Math.Min(high + most, bars.Append(high).Max())
        );
        if (low > 0 && under <= 0)
            under = low; // positive ends stay positive, for a logarithmic scale
        return (low > 0 ? under / (1 + room) : under - room * most, over > 0 ? over * (1 + room) : over + room * most);
    }
}
