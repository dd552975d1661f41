using System.Globalization;
using Gyre.Lab.Statistics;

namespace Gyre.Lab.Figures;

/// <summary>
/// The map from values to heights of a panel, and the choice of labeled heights. ScottPlot's axes are linear, so
/// values are mapped before they are drawn.
/// </summary>
internal sealed class FigureScale
{
    private const int MostTicks = 7;

    /// <summary>Limit of the size of values. Sums and differences below it stay finite.</summary>
    private const double Farthest = 1e300;

    /// <summary>
    /// Ends whose distance is a smaller share of their size count as one place, since rounding would make ticks
    /// between them equal.
    /// </summary>
    private const double Narrowest = 1e-10;

    private const double Smallest = 1e-290;
    private const double MostPower = 15; // beyond it, 1 + x equals x

    private static readonly double[][] WithinDecade =
    [
        [
            1,
            1.1,
            1.2,
            1.3,
            1.4,
            1.5,
            1.6,
            1.7,
            1.8,
            1.9,
            2,
            2.2,
            2.4,
            2.6,
            2.8,
            3,
            3.2,
            3.4,
            3.6,
            3.8,
            4,
            4.5,
            5,
            5.5,
            6,
            6.5,
            7,
            7.5,
            8,
            8.5,
            9,
            9.5,
        ],
        [1, 1.2, 1.4, 1.6, 1.8, 2, 2.5, 3, 3.5, 4, 5, 6, 7, 8, 9],
        [1, 1.5, 2, 3, 4, 6, 8],
        [1, 2, 5],
        [1, 3],
    ];

    private readonly Func<double, double> _map;
    private readonly Func<double, double> _back;
    private readonly Func<double, double, IReadOnlyList<double>>? _ticks;

    private FigureScale(
        string note,
        Func<double, double> map,
        Func<double, double> back,
        Func<double, double, IReadOnlyList<double>>? ticks
    ) => (Note, _map, _back, _ticks) = (note, map, back, ticks);

    /// <summary>
    /// The identity, with ticks chosen by ScottPlot. Values beyond 10^300 are clamped, since an axis cannot be
    /// divided much farther out.
    /// </summary>
    public static FigureScale Linear { get; } =
        new("", value => Math.Clamp(value, -Farthest, Farthest), value => value, null);

    /// <summary>log10. Values that are not positive have no place.</summary>
    public static FigureScale Logarithmic { get; } =
        new(" (log)", value => value > 0 ? Math.Log10(value) : double.NaN, PowerOfTen, DecadeTicks);

    /// <summary>Text to append to the axis label.</summary>
    public string Note { get; }

    /// <summary>
    /// Chooses a scale for the values: linear if they are of similar size. If a few dwarf the rest, as in a
    /// divergence, the scale still shows the rest: logarithmic for positive values, otherwise linear up to ±unit and
    /// logarithmic beyond.
    /// </summary>
    public static FigureScale For(IEnumerable<double> values)
    {
        var finite = values.Where(double.IsFinite).ToArray();
        var sizes = finite.Select(Math.Abs).Where(size => size > 0).Order().ToArray();
        if (sizes.Length == 0 || sizes[^1] < 100 * sizes[sizes.Length / 4])
            return Linear;
        return finite.All(value => value > 0)
            ? Logarithmic
            : SymmetricLogarithmic(Math.Pow(10, Math.Floor(Math.Log10(Math.Max(Smallest, sizes[sizes.Length / 4])))));
    }

    /// <summary>
    /// Returns the ends of an axis around two places, with room that is a share of their distance. If the places
    /// nearly coincide, the room is a share of their size; if there is no place, the ends are 0 to 1. The ends are
    /// finite and can be divided into ticks.
    /// </summary>
    public static (double Low, double High) Ends(double low, double high, double share)
    {
        if (!double.IsFinite(low) || !double.IsFinite(high) || low > high)
            return (0, 1);
        (low, high) = (Math.Clamp(low, -Farthest, Farthest), Math.Clamp(high, -Farthest, Farthest));
        var size = Math.Max(Math.Abs(low), Math.Abs(high));
        var room = high - low > Math.Max(Smallest, Narrowest * size) ? share * (high - low) : Math.Max(0.1, 0.1 * size);
        return (low - room, high + room);
    }

    /// <summary>Returns the height of a value; NaN if it has none.</summary>
    public double Map(double value) => double.IsFinite(value) ? _map(value) : double.NaN;

    /// <summary>Returns the value of a height.</summary>
    public double Back(double height) => _back(height);

    /// <summary>Returns the labeled values between two values; null leaves the choice to ScottPlot.</summary>
    public IReadOnlyList<double>? Ticks(double low, double high) => _ticks?.Invoke(low, high);

    /// <summary>Formats a value as an axis label.</summary>
    public static string Label(double value)
    {
        var size = Math.Abs(value);
        var decimals = size < 999.5 ? "G3" : "F0";
        var format = size is 0 or (>= 1e-3 and < 1e5) ? decimals : "0.##e0";
        return NumberText.Minus(value.ToString(format, CultureInfo.InvariantCulture));
    }

    private static FigureScale SymmetricLogarithmic(double unit) =>
        new(
            " (sym. log)",
            value => Math.CopySign(Height(Math.Abs(value), unit), value),
            height => Math.CopySign(Size(Math.Abs(height), unit), height),
            (low, high) => SymmetricTicks(low, high, unit)
        );

    /// <summary>Returns log10(1 + size/unit), even if the quotient overflows.</summary>
    private static double Height(double size, double unit)
    {
        var power = size > 0 ? Math.Log10(size) - Math.Log10(unit) : double.NegativeInfinity;
        return power > MostPower ? power : Math.Log10(1 + size / unit);
    }

    private static double Size(double height, double unit) =>
        height > MostPower
            ? PowerOfTen(height + Math.Log10(unit))
            : Math.Min(double.MaxValue, unit * (Math.Pow(10, height) - 1));

    /// <summary>Returns 10^power, clamped to the range of positive numbers.</summary>
    private static double PowerOfTen(double power) => Math.Clamp(Math.Pow(10, power), double.Epsilon, double.MaxValue);

    private static double[] DecadeTicks(double low, double high)
    {
        foreach (var steps in WithinDecade)
        {
            var ticks = Decades(low, high, 1)
                .SelectMany(power => steps.Select(step => step * Math.Pow(10, power)))
                .Where(tick => tick >= low && tick <= high)
                .ToArray();
            if (ticks.Length <= MostTicks)
                return ticks;
        }
        foreach (var stride in (int[])[1, 2, 3, 5, 10, 20, 50, 100])
        {
            var ticks = Decades(low, high, stride)
                .Select(power => Math.Pow(10, power))
                .Where(tick => tick >= low && tick <= high)
                .ToArray();
            if (ticks.Length <= MostTicks)
                return ticks;
        }
        return [low, high];
    }

    private static IEnumerable<int> Decades(double low, double high, int stride)
    {
        // the logarithm of 0 is infinite
        var first = (int)Math.Floor(Math.Log10(Math.Max(low, double.Epsilon)));
        var last = Math.Log10(Math.Min(high, double.MaxValue));
        for (var power = first - ((first % stride) + stride) % stride; power <= last; power += stride)
            yield return power;
    }

    private static double[] SymmetricTicks(double low, double high, double unit)
    {
        var (first, last) = (
            (int)Math.Round(Math.Log10(unit)) + 1,
            (int)Math.Floor(Math.Log10(Math.Max(Math.Abs(low), Math.Abs(high))))
        );
        var stride = Math.Max(
            1,
            (int)Math.Ceiling((last - first + 1.0) * (low < -unit && high > unit ? 2 : 1) / (MostTicks - 1))
        );
        var sizes = Enumerable
            .Range(first, Math.Max(0, last - first + 1))
            .Where(power => power % stride == 0)
            .Select(power => Math.Pow(10, power))
            .Where(size => Height(size, unit) > 0.6 * stride)
            .ToArray(); // far enough from 0, too
        return
        [
            .. sizes.Select(size => -size).Append(0).Concat(sizes).Where(tick => tick >= low && tick <= high).Order(),
        ];
    }
}
