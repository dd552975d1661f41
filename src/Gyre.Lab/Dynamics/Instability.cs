using Gyre.Lab.Statistics;

namespace Gyre.Lab.Dynamics;

/// <summary>What the detector is told of one measured step.</summary>
/// <param name="Step">The step.</param>
/// <param name="Sharpness">S.</param>
/// <param name="Threshold">2/eta at this step.</param>
/// <param name="Loss">L at this step.</param>
/// <param name="PeakLoss">Largest loss since the measurement before, this step included.</param>
internal sealed record SharpnessPoint(long Step, double Sharpness, double Threshold, double Loss, double PeakLoss)
{
    /// <summary>Training time of the step.</summary>
    public double Time { get; init; } = Step;

    /// <summary>
    /// Whether it is one of the regular measurements, whose number does not depend on what the training does.
    /// </summary>
    public bool Regular { get; init; } = true;
}

/// <summary>One instability: onset, peak, resolution.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Onset">First measured step with S ≥ threshold after being below it, or the first measured step where
/// the run starts above.</param>
/// <param name="OnsetLoss">Loss just before onset: at the measurement before, or at the onset where there is
/// none.</param>
/// <param name="PeakStep">Step of the largest S.</param>
/// <param name="PeakSharpness">That S.</param>
/// <param name="PeakThreshold">Threshold there.</param>
/// <param name="PeakLoss">Largest loss from onset on.</param>
/// <param name="Resolution">First measured step with S ≤ the stated share of the threshold and loss ≤
/// <paramref name="OnsetLoss"/>; null while open.</param>
/// <param name="ResolvedSharpness">S there.</param>
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

/// <summary>What a measurement changed.</summary>
internal enum InstabilityChange
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>An instability began.</summary>
    Onset,

    /// <summary>The open instability was resolved.</summary>
    Resolution,
}

/// <summary>
/// Finds instabilities in a series of measurements, one at a time; feeding the same series again gives the same state,
/// which is how a resumed run rebuilds it.
/// A rise of the threshold by a lower step size counts like a fall of S: the cycle resolves where both conditions hold.
/// Not finite values are passed over.
/// </summary>
/// <param name="resolvedBelow">Resolution needs S ≤ this share of the threshold.</param>
/// <param name="hysteresis">Onset needs S ≥ (1 + this)·threshold.</param>
/// <param name="smoothing">Trailing running median over this many measurements before anything else; 1 is none.</param>
internal sealed class InstabilityDetector(double resolvedBelow = 0.98, double hysteresis = 0, int smoothing = 1)
{
    private readonly List<Instability> _found = [];
    private readonly Queue<double> _recent = new();
    private double _lossBefore = double.NaN;
    private bool _below = true;

    /// <summary>Every instability so far, in order; the last may be open.</summary>
    public IReadOnlyList<Instability> Found => _found;

    /// <summary>The one that is open now, or null.</summary>
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

    /// <summary>The instabilities of a whole series.</summary>
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
        var crossed = _below && sharpness >= (1 + hysteresis) * point.Threshold;
        _below = sharpness < point.Threshold;
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
        if (resolved)
            _below = true;
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
