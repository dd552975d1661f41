namespace Gyre.Lab.Data;

/// <summary>
/// Standardization: x ↦ (x − mean)/deviation, and 0 if a value never changes. Each value of a row [F] has its own mean
/// and deviation. In samples [C, H, W], channels first, all values of a channel share one mean and deviation. In
/// samples of any other shape, all values do, so that images stay images.
/// </summary>
internal sealed class NumberScale
{
    private readonly double[] _means;
    private readonly double[] _deviations;
    private readonly int _within;

    private NumberScale(double[] means, double[] deviations, int within) =>
        (_means, _deviations, _within) = (means, deviations, within);

    /// <summary>Leaves values unchanged.</summary>
    /// <param name="size">Values per row.</param>
    public static NumberScale None(int size) => new([0], [1], size);

    /// <summary>Scales by the mean and the standard deviation over the chosen rows.</summary>
    /// <exception cref="DataException">
    /// A value is not finite (the message has its row and position), nothing varies, or a variance is outside the
    /// range of float64.
    /// </exception>
    public static NumberScale Fit(NumberPart part, IReadOnlyList<int> chosen)
    {
        ArgumentNullException.ThrowIfNull(part);
        ArgumentNullException.ThrowIfNull(chosen);
        var size = part.Features.Size;
        var groups = part.SampleShape.Count switch
        {
            1 => size,
            3 => part.SampleShape[0],
            _ => 1,
        };
        var (within, kind) = (size / groups, groups == size ? "Feature" : "Channel");
        var count = (double)chosen.Count * within;
        // Two passes: the difference of large sums would lose the digits of features far from 0.
        var (sums, ends) = Sums(part.Features, chosen, groups);
        var means = Array.ConvertAll(sums, sum => sum / count);
        var squares = Squares(part.Features, chosen, means);
        double[] deviations =
        [
            .. squares.Select((sum, group) => Deviation(sum / count, ends[group], $"{kind} {group}")),
        ];
        if (deviations.Any(deviation => deviation != 0))
            return new NumberScale(means, deviations, within);
        throw new DataException(
            "Every sample of the training subset is the same: there is nothing to learn. "
                + "Set data.standardise = false if this is intended."
        );
    }

    /// <summary>Returns a scaled value.</summary>
    /// <param name="number">The value.</param>
    /// <param name="place">Its position in the row.</param>
    public double Apply(double number, int place)
    {
        var group = place / _within;
        return _deviations[group] == 0 ? 0 : (number - _means[group]) / _deviations[group];
    }

    private static (double[] Sums, (double Least, double Most)[] Ends) Sums(
        NumberRows rows,
        IReadOnlyList<int> chosen,
        int groups
    )
    {
        var (within, row, sums) = (rows.Size / groups, new double[rows.Size], new double[groups]);
        var ends = new (double Least, double Most)[groups];
        Array.Fill(ends, (double.PositiveInfinity, double.NegativeInfinity));
        foreach (var index in chosen)
        {
            rows.Read(index, row);
            NumberSamples.CheckFinite(row, "Sample", index);
            for (var i = 0; i < row.Length; i++)
            {
                sums[i / within] += row[i];
                ends[i / within] = (Math.Min(ends[i / within].Least, row[i]), Math.Max(ends[i / within].Most, row[i]));
            }
        }
        return (sums, ends);
    }

    private static double[] Squares(NumberRows rows, IReadOnlyList<int> chosen, double[] means)
    {
        var (within, row, squares) = (rows.Size / means.Length, new double[rows.Size], new double[means.Length]);
        foreach (var index in chosen)
        {
            rows.Read(index, row);
            for (var i = 0; i < row.Length; i++)
                squares[i / within] += (row[i] - means[i / within]) * (row[i] - means[i / within]);
        }
        return squares;
    }

    /// <summary>
    /// Returns exactly 0 if all values are equal: the variance then contains only the rounding error of the mean.
    /// </summary>
    private static double Deviation(double variance, (double Least, double Most) ends, string what)
    {
        if (ends.Least == ends.Most)
            return 0;
        if (double.IsNormal(variance))
            return Math.Sqrt(variance);
        throw new DataException(
            $"{what} of the training subset lies between {ends.Least} and {ends.Most}, with a variance outside the "
                + "range of float64. Save the values in other units, or set data.standardise = false."
        );
    }
}
