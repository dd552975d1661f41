using Gyre.Lab.Dynamics;
using Gyre.Lab.Specs;

namespace Gyre.Lab.Sweeps;

/// <summary>One large rate that is reduced at several moments, as the paper measures progressive flattening
/// (arXiv 2412.17613, section 4): never large, large for longer and longer, and never reduced.</summary>
/// <param name="Large">The rate before.</param>
/// <param name="Small">The rates after; each is also run throughout.</param>
/// <param name="Moments">Training times of the reductions, rising, above 0.</param>
/// <param name="InEdgeUnits">Whether the rates are multiples of 2/S(theta_0).</param>
/// <param name="Until">When a branch ends before its last step; the rates throughout do not.</param>
internal sealed record Ladder(
    double Large,
    IReadOnlyList<double> Small,
    IReadOnlyList<double> Moments,
    bool InEdgeUnits,
    StopConditions Until
)
{
    /// <summary>Key of it in a sweep.</summary>
    public const string Key = "sweep.ladder";

    /// <summary>Its branches.</summary>
    public IEnumerable<Reduction> Reductions =>
        from small in Small
        from moment in Moments
        select new Reduction(null, moment, InEdgeUnits ? null : small, null, InEdgeUnits ? small : null, [Large])
        {
            Until = Until,
            Source = Key,
        };

    /// <summary>The axes of the sweep with its rates throughout among those of the learning rate, rising.</summary>
    public IReadOnlyList<SweepAxis> With(IReadOnlyList<SweepAxis> axes)
    {
        ArgumentNullException.ThrowIfNull(axes);
        var rates = axes.FirstOrDefault(axis => axis.Key == SweepSpec.RateKey);
        double[] own = [.. (rates?.Values ?? []).Select(value => SpecCheck.AsNumber(value) ?? double.NaN)];
        double[] missing = [.. Small.Append(Large).Where(rate => !Array.Exists(own, one => Reduction.Same(one, rate)))];
        var all = new SweepAxis(
            SweepSpec.RateKey,
            [.. own.Concat(missing).Order().Select(rate => (object)rate)],
            InEdgeUnits
        );
        return rates is null ? [.. axes, all] : [.. axes.Select(axis => axis == rates ? all : axis)];
    }
}
