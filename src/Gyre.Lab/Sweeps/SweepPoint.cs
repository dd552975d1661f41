using Gyre.Lab.Specs;

namespace Gyre.Lab.Sweeps;

/// <summary>A learning rate as an axis gives it.</summary>
/// <param name="Given">The value, in the axis's unit.</param>
/// <param name="InEdgeUnits">Whether that unit is edge units.</param>
internal sealed record Rate(double Given, bool InEdgeUnits);

/// <summary>A reduction of one cell.</summary>
/// <param name="Reduction">The reduction as given.</param>
/// <param name="Step">The step from which it applies.</param>
/// <param name="Rate">The learning rate eta after it.</param>
internal sealed record Branching(Reduction Reduction, long Step, double Rate);

/// <summary>One combination of the axes' values with a seed.</summary>
/// <param name="Seed">The seed of the run.</param>
/// <param name="Values">The values by key.</param>
/// <param name="Rate">The learning rate; null if no axis varies it, or its value is not a number.</param>
internal sealed record SweepPoint(int Seed, IReadOnlyDictionary<string, object> Values, Rate? Rate)
{
    /// <summary>
    /// Returns every combination of the axes' values with every seed. Seeds vary slowest, so that an interrupted
    /// sweep has whole series.
    /// </summary>
    public static IEnumerable<SweepPoint> All(SweepSpec sweep)
    {
        IEnumerable<Dictionary<string, object>> combinations =
        [
            [],
        ];
        foreach (var axis in sweep.Axes)
            combinations = combinations
                .SelectMany(values =>
                    axis.Values.Select(value => new Dictionary<string, object>(values) { [axis.Key] = value })
                )
                .ToArray();
        return sweep.Seeds.SelectMany(seed =>
            combinations.Select(values => new SweepPoint(seed, values, RateOf(sweep, values)))
        );
    }

    private static Rate? RateOf(SweepSpec sweep, Dictionary<string, object> values) =>
        sweep.Axes.FirstOrDefault(axis => axis.Key == SweepSpec.RateKey) is { } axis
        && SpecCheck.AsNumber(values[axis.Key]) is { } given
            ? new Rate(given, axis.InEdgeUnits)
            : null;
}
