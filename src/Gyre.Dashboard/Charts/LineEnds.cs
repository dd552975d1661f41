namespace Gyre.Dashboard.Charts;

/// <summary>A line in a few numbers, with where each stands in it.</summary>
/// <param name="LastAt">Where the last one stands; −1 of none.</param>
/// <param name="LeastAt">The smallest.</param>
/// <param name="MostAt">The largest.</param>
/// <param name="Count">How many are finite.</param>
internal readonly record struct LineEnds(int LastAt, int LeastAt, int MostAt, int Count)
{
    /// <summary>The last one.</summary>
    public double Last { get; private init; } = double.NaN;

    /// <summary>The smallest.</summary>
    public double Least { get; private init; } = double.NaN;

    /// <summary>The largest.</summary>
    public double Most { get; private init; } = double.NaN;

    /// <summary>Of a line.</summary>
    public static LineEnds FromLine(Line line)
    {
        var (values, last, least, most, count) = (line.Y.ToArray(), -1, -1, -1, 0);
        for (var i = 0; i < values.Length; i++)
        {
            if (!double.IsFinite(values[i]))
                continue;
            (last, count) = (i, count + 1);
            least = least < 0 || values[i] < values[least] ? i : least;
            most = most < 0 || values[i] > values[most] ? i : most;
        }
        return count == 0
            ? new LineEnds(-1, -1, -1, 0)
            : new LineEnds(last, least, most, count)
            {
                Last = values[last],
                Least = values[least],
                Most = values[most],
            };
    }
}
