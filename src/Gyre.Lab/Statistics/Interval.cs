using MathNet.Numerics.Distributions;

namespace Gyre.Lab.Statistics;

/// <summary>A value with its interval.</summary>
/// <param name="Value">The estimate.</param>
/// <param name="Low">Lower end of the interval; NaN if there is none.</param>
/// <param name="High">Upper end of the interval; NaN if there is none.</param>
/// <param name="Count">The number of values that the estimate rests on.</param>
/// <param name="Method">How the interval was computed, as text for reports.</param>
internal sealed record Interval(double Value, double Low, double High, int Count, string Method)
{
    /// <summary>Whether the interval covers nearly all possible values: it is valid but uninformative.</summary>
    public bool SaysNothing { get; init; }

    /// <summary>Applies an increasing function to the value and to both ends.</summary>
    public Interval Map(Func<double, double> change) =>
        this with
        {
            Value = change(Value),
            Low = change(Low),
            High = change(High),
        };
}

/// <summary>Means with confidence intervals.</summary>
internal static class MeanInterval
{
    private const int EnumerateUpTo = 5;

    /// <summary>
    /// Returns the mean with Student's t interval (Student 1908); the ends are NaN with fewer than two values. The
    /// interval is exact for normal values at any count, and so suits a handful of seeds.
    /// </summary>
    public static Interval Student(IReadOnlyList<double> values, double confidence = 0.95)
    {
        ArgumentNullException.ThrowIfNull(values);
        var (n, mean) = (values.Count, values.DefaultIfEmpty(double.NaN).Average());
        if (n < 2)
            return new Interval(mean, double.NaN, double.NaN, n, "one value has no interval");
        var error = Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (n - 1) / n);
        var reach = StudentT.InvCDF(0, 1, n - 1, 0.5 + confidence / 2) * error;
        return new Interval(mean, mean - reach, mean + reach, n, $"t interval, {n} values");
    }

    /// <summary>
    /// Returns the mean with Student's interval, restricted to the possible range. Clamping the interval to the
    /// bounds loses no coverage. For shares with no value at a bound, each end is the farther of the clamped end and
    /// the end of Student's interval on the logistic scale. This covers the mean if few values lie near a bound, and
    /// is too short for many skewed values (docs/theory.md has the measured coverage).
    /// </summary>
    /// <param name="values">Independent values.</param>
    /// <param name="bounds">The possible range. If a value lies outside, the bounds do not belong to this quantity
    /// and are ignored.</param>
    /// <param name="confidence">Confidence level of the interval.</param>
    public static Interval Student(IReadOnlyList<double> values, Bounds bounds, double confidence = 0.95)
    {
        var plain = Student(values, confidence);
        if (!double.IsFinite(plain.Low) || !values.All(bounds.Hold))
            return plain;
        var (low, high) = (bounds.Cut(plain.Low), bounds.Cut(plain.High));
        double[] places = [.. values.Select(bounds.Logit)]; // infinite for a value at a bound
        var method =
            low == plain.Low && high == plain.High ? plain.Method : $"{plain.Method}, clamped to the possible range";
        if (bounds.IsShare && places.All(double.IsFinite))
        {
            var curved = Student(places, confidence);
            (low, high) = (Math.Min(low, bounds.FromLogit(curved.Low)), Math.Max(high, bounds.FromLogit(curved.High)));
            method = $"{plain.Method}, the wider of plain and logistic";
        }
        return plain with { Low = low, High = high, Method = method, SaysNothing = bounds.IsCovered(low, high) };
    }

    /// <summary>Returns the mean of the differences a − b with Student's interval.</summary>
    /// <exception cref="ArgumentException">The counts differ.</exception>
    public static Interval Paired(IReadOnlyList<double> a, IReadOnlyList<double> b, double confidence = 0.95)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        if (a.Count != b.Count)
            throw new ArgumentException($"Pairs are needed; got {a.Count} and {b.Count} values.", nameof(b));
        return Student([.. a.Zip(b, (x, y) => x - y)], confidence) is var student
            ? student with
            {
                Method = student.Method.Replace("values", "pairs", StringComparison.Ordinal),
            }
            : student;
    }

    /// <summary>
    /// Returns the mean with the percentile bootstrap interval (Efron 1979), from all nⁿ resamples for up to five
    /// values and from random resamples for more. With few values the interval is too narrow: the 95 % interval of
    /// three normal values covers the true mean two times in three, that of five values five times in six, as the
    /// tests measure. <see cref="Student(IReadOnlyList{double}, double)"/> has its nominal coverage.
    /// </summary>
    public static Interval Bootstrap(
        IReadOnlyList<double> values,
        int seed,
        int resamples = 10_000,
        double confidence = 0.95
    )
    {
        ArgumentNullException.ThrowIfNull(values);
        var n = values.Count;
        if (n < 2)
            return Student(values) with { Method = "one value has no interval" };
        var exact = n <= EnumerateUpTo;
        var means = exact ? EveryMean(values) : RandomMeans(values, seed, resamples);
        return new Interval(
            values.Average(),
            Quantiles.At(means, 0.5 - confidence / 2),
            Quantiles.At(means, 0.5 + confidence / 2),
            n,
            exact
                ? $"percentile bootstrap, all {means.Length} resamples of {n} values"
                : $"percentile bootstrap, {means.Length} resamples of {n} values"
        );
    }

    private static double[] EveryMean(IReadOnlyList<double> values)
    {
        var n = values.Count;
        var means = new double[(int)Math.Pow(n, n)];
        for (var code = 0; code < means.Length; code++)
        {
            var rest = code;
            for (var i = 0; i < n; i++, rest /= n)
                means[code] += values[rest % n] / n;
        }
        return means;
    }

    private static double[] RandomMeans(IReadOnlyList<double> values, int seed, int resamples)
    {
        var random = Chance.From(seed);
        return
        [
            .. Enumerable
                .Range(0, resamples)
                .Select(_ => Enumerable.Range(0, values.Count).Average(_ => values[random.Next(values.Count)])),
        ];
    }
}
