using Gyre.Lab.Dynamics;
using Gyre.Lab.Optimizers;

namespace Gyre.Lab.Specs;

/// <summary>The position of a measured step.</summary>
/// <param name="Number">Index of its burst, from 0.</param>
/// <param name="Position">Index in its burst, from 0.</param>
internal sealed record BurstPlace(int Number, int Position)
{
    /// <summary>The reason for a measurement beyond the regular bursts; null for a regular one.</summary>
    public FollowReason? Follow { get; init; }

    /// <summary>Whether a regular burst begins here.</summary>
    public bool StartsBurst => Position == 0 && Follow is null;
}

/// <summary>
/// The schedule of measurements: <c>burst</c> consecutive steps from every multiple of <c>every</c> steps, or of
/// <c>every_time</c> training time, and the last step. The burst at step 0 may be reduced to its first step. A single
/// lag misleads: at the edge of stability iterates bounce with period 2, and the eigenvectors flip with them
/// (docs/theory.md).
/// </summary>
internal sealed class BurstSchedule
{
    private readonly CurvatureSpec _spec;
    private readonly long _last;
    private readonly long[]? _starts;
    private readonly HashSet<long> _between = [];

    public BurstSchedule(CurvatureSpec spec, LearningRateSchedule rates, long last)
    {
        (_spec, _last) = (spec, last);
        if (spec.EveryTime <= 0)
            return;
        _starts = [.. rates.EveryTime(spec.EveryTime, spec.Burst, last)];
        _between = [.. rates.EveryTime(spec.EveryTime / 2, spec.Burst, last).Except(_starts)];
    }

    /// <summary>The number of bursts, not counting the measurement at the last step.</summary>
    public long Count => _starts?.Length ?? (_spec.Every == 0 ? 0 : _last / _spec.Every + 1);

    /// <summary>
    /// Returns whether the step is halfway from one burst to the next. This depends only on the learning rates before
    /// it, so a fork at a later step does not change it.
    /// </summary>
    public bool IsBetween(long step) =>
        _starts is null ? _spec.Every > 0 && step % _spec.Every == _spec.Every / 2 : _between.Contains(step);

    /// <summary>Returns the number of bursts that begin after a step and before the last one.</summary>
    public long StartsAfter(long step)
    {
        if (_starts is not null)
            return _starts.LongCount(start => start > step && start < _last);
        return _spec.Every == 0 ? 0 : Math.Max(0, (_last - 1) / _spec.Every - step / _spec.Every);
    }

    /// <summary>Returns the position of the step; null if nothing is measured there.</summary>
    public BurstPlace? Find(long step) => Find(step, _last);

    /// <summary>Returns the position of the step if the run ends at another last step.</summary>
    public BurstPlace? Find(long step, long last)
    {
        if (Count == 0)
            return null;
        var number = LatestBurst(step);
        var position = step - (_starts is null ? number * _spec.Every : _starts[number]);
        if (position < (number == 0 && !_spec.BurstAtStart ? 1 : _spec.Burst))
            return new BurstPlace((int)number, (int)position);
        return step == last ? new BurstPlace((int)number + 1, 0) : null;
    }

    /// <summary>Returns the latest burst that begins at or before a step.</summary>
    private long LatestBurst(long step)
    {
        if (_starts is null)
            return step / _spec.Every;
        var found = Array.BinarySearch(_starts, step);
        return found >= 0 ? found : ~found - 1;
    }
}
