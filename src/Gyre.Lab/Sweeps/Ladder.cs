using Gyre.Lab.Dynamics;
using Gyre.Lab.Specs;

namespace Gyre.Lab.Sweeps;

/// <summary>
/// One large learning rate that is reduced at several moments, as the paper measures progressive flattening (arXiv
/// 2412.17613, section 4): never large, large for longer and longer, and never reduced.
/// </summary>
/// <param name="Large">The learning rate before a reduction.</param>
/// <param name="Small">The learning rates after a reduction; each also has a run of its own from start to
/// end.</param>
/// <param name="Moments">Training times of the reductions, ascending, above 0.</param>
/// <param name="InEdgeUnits">Whether the learning rates are multiples of 2/S(theta_0).</param>
/// <param name="Until">When a branch ends before its last step; it does not apply to runs with a constant learning
/// rate.</param>
internal sealed record Ladder(
    double Large,
    IReadOnlyList<double> Small,
    IReadOnlyList<double> Moments,
    bool InEdgeUnits,
    StopConditions Until
)
{
    /// <summary>The ladder's key in a sweep.</summary>
    public const string Key = "sweep.ladder";

    /// <summary>The ladder's branches.</summary>
    public IEnumerable<Reduction> Reductions =>
        from small in Small
        from moment in Moments
        select new Reduction(null, moment, InEdgeUnits ? null : small, null, InEdgeUnits ? small : null, [Large])
        {
            Until = Until,
            Source = Key,
        };

    /// <summary>
    /// Returns the sweep's axes with the ladder's learning rates added, in ascending order, to that of the learning
    /// rate.
    /// </summary>
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
