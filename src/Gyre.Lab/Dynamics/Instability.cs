using Gyre.Lab.Statistics;

namespace Gyre.Lab.Dynamics;

/// <summary>The data of one measured step that the detector needs.</summary>
/// <param name="Sharpness">Sharpness S.</param>
/// <param name="Threshold">2/eta at this step.</param>
/// <param name="PeakLoss">Largest loss since the previous measurement, this step included.</param>
internal sealed record SharpnessPoint(long Step, double Sharpness, double Threshold, double Loss, double PeakLoss)
{
    /// <summary>Training time of the step.</summary>
    public double Time { get; init; } = Step;

    /// <summary>
    /// Whether this is a regular measurement. The number of regular measurements does not depend on how the training
    /// behaves.
    /// </summary>
    public bool Regular { get; init; } = true;
}

/// <summary>One instability, with its onset, peak and resolution.</summary>
/// <param name="Number">Number of the instability, from 1.</param>
/// <param name="Onset">First measured step with S ≥ threshold after being below it, or the first measured step if the
/// run starts above it.</param>
/// <param name="OnsetLoss">Loss just before onset: at the previous measurement, or at the onset if there is
/// none.</param>
/// <param name="PeakStep">Step of the largest S.</param>
/// <param name="PeakSharpness">The largest S.</param>
/// <param name="PeakThreshold">Threshold at the peak.</param>
/// <param name="PeakLoss">Largest loss since onset.</param>
/// <param name="Resolution">First measured step with S ≤ the given share of the threshold and loss ≤
/// <paramref name="OnsetLoss"/>; null while the instability is open.</param>
/// <param name="ResolvedSharpness">S at the resolution; null while the instability is open.</param>
internal sealed record Instability(
    int Number,
    long Onset,
    double OnsetLoss,
    long PeakStep,
    double PeakSharpness,
    double PeakThreshold,
    double PeakLoss,
    long? Resolution = null,
    double? ResolvedSharpness = null
);

/// <summary>The effect of a measurement on the instabilities.</summary>
internal enum InstabilityChange
{
    /// <summary>No change.</summary>
    None,

    /// <summary>An instability began.</summary>
    Onset,

    /// <summary>The open instability was resolved.</summary>
    Resolution,
}

/// <summary>
/// Finds instabilities in a series of measurements, one at a time. Feeding the same series again gives the same
/// state, which is how a resumed run rebuilds it. A threshold that rises because the learning rate is lowered counts
/// like a fall of S: the instability is resolved once both conditions hold. Measurements that are not finite are
/// skipped.
/// </summary>
/// <param name="resolvedBelow">Resolution requires S ≤ this share of the threshold.</param>
/// <param name="hysteresis">Onset requires S ≥ (1 + this)·threshold.</param>
/// <param name="smoothing">Onset and resolution use the trailing running median of S over this many measurements; 1
/// disables smoothing. Peaks use S as measured.</param>
internal sealed class InstabilityDetector(double resolvedBelow = 0.98, double hysteresis = 0, int smoothing = 1)
{
    private readonly List<Instability> _found = [];
    private readonly Queue<double> _recent = new();
    private double _lossBefore = double.NaN;

    /// <summary>All instabilities so far, in order; the last may be open.</summary>
    public IReadOnlyList<Instability> Found => _found;

    /// <summary>The open instability, or null.</summary>
    public Instability? Open => _found.Count > 0 && _found[^1].Resolution is null ? _found[^1] : null;

    /// <summary>Takes the next measurement.</summary>
    public InstabilityChange Next(SharpnessPoint point)
    {
        ArgumentNullException.ThrowIfNull(point);
        if (!double.IsFinite(point.Sharpness) || !double.IsFinite(point.Loss))
            return InstabilityChange.None;
        var sharpness = Smoothed(point.Sharpness);
        var change = Open is { } open ? Continue(open, point, sharpness) : Begin(point, sharpness);
        _lossBefore = point.Loss;
        return change;
    }

    /// <summary>Returns the instabilities of a whole series.</summary>
    public static IReadOnlyList<Instability> Find(
        IEnumerable<SharpnessPoint> series,
        double resolvedBelow = 0.98,
        double hysteresis = 0,
        int smoothing = 1
    )
    {
        ArgumentNullException.ThrowIfNull(series);
        var detector = new InstabilityDetector(resolvedBelow, hysteresis, smoothing);
        foreach (var point in series)
            detector.Next(point);
        return detector.Found;
    }

    private InstabilityChange Begin(SharpnessPoint point, double sharpness)
    {
        var crossed = sharpness >= (1 + hysteresis) * point.Threshold; // false for a rule without a threshold
        if (!crossed)
            return InstabilityChange.None;
        var before = double.IsNaN(_lossBefore) ? point.Loss : _lossBefore;
        _found.Add(
            new Instability(
                _found.Count + 1,
                point.Step,
                before,
                point.Step,
                point.Sharpness,
                point.Threshold,
                point.PeakLoss
            )
        );
        return InstabilityChange.Onset;
    }

    private InstabilityChange Continue(Instability open, SharpnessPoint point, double sharpness)
    {
        var higher = point.Sharpness > open.PeakSharpness;
        var now = open with
        {
            PeakStep = higher ? point.Step : open.PeakStep,
            PeakSharpness = higher ? point.Sharpness : open.PeakSharpness,
            PeakThreshold = higher ? point.Threshold : open.PeakThreshold,
            PeakLoss = Math.Max(open.PeakLoss, point.PeakLoss),
        };
        var resolved = sharpness <= resolvedBelow * point.Threshold && point.Loss <= open.OnsetLoss;
        _found[^1] = resolved ? now with { Resolution = point.Step, ResolvedSharpness = point.Sharpness } : now;
        return resolved ? InstabilityChange.Resolution : InstabilityChange.None;
    }

    private double Smoothed(double sharpness)
    {
        _recent.Enqueue(sharpness);
        if (_recent.Count > smoothing)
            _recent.Dequeue();
        return Quantiles.Median(_recent);
    }
}
