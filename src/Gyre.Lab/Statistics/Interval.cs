using MathNet.Numerics.Distributions;

namespace Gyre.Lab.Statistics;

/// <summary>A value with its interval.</summary>
/// <param name="Value">The estimate.</param>
/// <param name="Low">Lower end; NaN where there is none.</param>
/// <param name="High">Upper end.</param>
/// <param name="Count">Values it was made from.</param>
/// <param name="Method">How the ends were made.</param>
internal sealed record Interval(double Value, double Low, double High, int Count, string Method)
{
    /// <summary>Whether it covers nearly all values that are possible: it is true, and says nothing.</summary>
    public bool SaysNothing { get; init; }
}

/// <summary>Means with intervals.</summary>
internal static class MeanInterval
{
    private const int EnumerateUpTo = 5;

    /// <summary>
    /// Mean with Student's t interval (Student 1908). Ends are NaN with fewer than two values. Exact for normal
    /// values at any
    /// count: the interval for a handful of seeds.
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
    /// The same within the numbers that are possible. Student's interval is cut to them, which loses no coverage. Of
    /// shares,
    /// where no value lies on an end, each end is the farther of that and of Student's interval on the logistic
    /// scale: that
    /// covers where few values lie near an end, and is too short for many skewed ones (docs/theory.md has the
    /// measured coverage).
    /// </summary>
    /// <param name="values">Independent values.</param>
    /// <param name="bounds">What they can be; where a value lies outside, the bounds are not those of the quantity,
    /// and none are used.</param>
    /// <param name="confidence">Of the interval.</param>
    public static Interval Student(IReadOnlyList<double> values, Bounds bounds, double confidence = 0.95)
    {
        var plain = Student(values, confidence);
        if (!double.IsFinite(plain.Low) || !values.All(bounds.Hold))
            return plain;
        var (low, high) = (bounds.Cut(plain.Low), bounds.Cut(plain.High));
        double[] places = [.. values.Select(bounds.Logit)]; // infinite where an end is met
        var method = low == plain.Low && high == plain.High ? plain.Method : $"{plain.Method}, within what is possible";
        if (bounds.IsShare && places.All(double.IsFinite))
        {
            var curved = Student(places, confidence);
            (low, high) = (Math.Min(low, bounds.FromLogit(curved.Low)), Math.Max(high, bounds.FromLogit(curved.High)));
            method = $"{plain.Method}, plain and logistic, the wider";
        }
        return plain with { Low = low, High = high, Method = method, SaysNothing = bounds.IsCovered(low, high) };
    }

    /// <summary>Mean of the differences a − b with Student's interval.</summary>
    /// <exception cref="ArgumentException">Unequal counts.</exception>
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
    /// Mean with the percentile bootstrap's interval (Efron 1979): all nⁿ resamples up to five values, else random
    /// ones. With few values it is too narrow: of three normal values the 95 %
    /// interval covers the true mean two times in three, of five five times in six, which the tests measure;
    /// <see cref="Student(IReadOnlyList{double}, double)"/> covers as it says.
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
