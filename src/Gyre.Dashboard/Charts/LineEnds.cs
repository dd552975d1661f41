namespace Gyre.Dashboard.Charts;

/// <summary>The last, smallest and largest value of a line, with their positions.</summary>
/// <param name="LastAt">Index of the last value; −1 if there is none.</param>
/// <param name="LeastAt">Index of the smallest value; −1 if there is none.</param>
/// <param name="MostAt">Index of the largest value; −1 if there is none.</param>
/// <param name="Count">The number of finite values.</param>
internal readonly record struct LineEnds(int LastAt, int LeastAt, int MostAt, int Count)
{
    /// <summary>The last value.</summary>
    public double Last { get; private init; } = double.NaN;

    /// <summary>The smallest value.</summary>
    public double Least { get; private init; } = double.NaN;

    /// <summary>The largest value.</summary>
    public double Most { get; private init; } = double.NaN;

    /// <summary>Finds the values in a line.</summary>
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
