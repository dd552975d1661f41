using Gyre.Lab.RunFiles;

namespace Gyre.Lab.Claims;

/// <summary>
/// Sharpness after the reduction of the learning rate, or after step 0 in a run without a reduction. Only the first
/// steps of bursts count, which are equally spaced in training time. NaN if nothing was measured.
/// </summary>
internal sealed record AfterReduction
{
    /// <summary>
    /// Sharpness has passed its peak once it falls to this share of it. A smaller fall could be the noise of a
    /// plateau.
    /// </summary>
    private const double Passed = 0.95;

    /// <summary>The measures of a branch, by display name.</summary>
    public static IReadOnlyList<Measure> Measures { get; } =
    [
        new("peak after the reduction", cell => cell.After.Peak, nameof(Peak)),
        new("time to the peak", cell => cell.After.TimeToPeak, nameof(TimeToPeak)),
        new("time spent unstable", cell => cell.UnstableTime, nameof(CellMeasures.UnstableTime)),
        new("flip while unstable", cell => cell.FlipUnstable, nameof(CellMeasures.FlipUnstable)),
        new("parameter norm", cell => cell.ParameterNorm, nameof(CellMeasures.ParameterNorm)),
        new("distance from the start", cell => cell.StartDistance, nameof(CellMeasures.StartDistance)),
        Measure.ControlDistance,
        .. LossPassage.Losses.SelectMany(loss =>
            new Measure[]
            {
                new(
                    Named(loss, "sharpness"),
                    cell => cell.After.At(loss)?.Sharpness ?? double.NaN,
                    nameof(LossPassage.Sharpness)
                ),
                new(
                    Named(loss, "test accuracy"),
                    cell => cell.After.At(loss)?.TestAccuracy ?? double.NaN,
                    nameof(LossPassage.TestAccuracy)
                ),
            }
        ),
    ];

    /// <summary>The numbers of a run that was not measured after its reduction.</summary>
    public static AfterReduction None { get; } = new();

    /// <summary>
    /// Largest sharpness of the Hessian after the reduction. It may have been larger between two bursts.
    /// </summary>
    public double Peak { get; init; } = double.NaN;

    /// <summary>Residual of the peak's eigenpair: an eigenvalue lies within this distance of the peak.</summary>
    public double PeakError { get; init; } = double.NaN;

    /// <summary>
    /// Whether sharpness later fell to 0.95 of the peak. If not, the run ended first, and the peak is a lower bound.
    /// </summary>
    public bool PeakPassed { get; init; }

    /// <summary>Training time from the reduction to the peak.</summary>
    public double TimeToPeak { get; init; } = double.NaN;

    /// <summary>‖theta − theta_0‖ at the peak.</summary>
    public double PeakDistance { get; init; } = double.NaN;

    /// <summary>
    /// Largest ratio of sharpness to the threshold after the reduction. At 1 or above, the reduced learning rate was
    /// unstable too.
    /// </summary>
    public double MostOfThreshold { get; init; } = double.NaN;

    /// <summary>
    /// The passages of the training loss through <see cref="LossPassage.Losses"/>, as far as the loss fell.
    /// </summary>
    public IReadOnlyList<LossPassage> Passages { get; init; } = [];

    /// <summary>Computes the numbers from the records of a run.</summary>
    /// <param name="fork">Step of the reduction; 0 for a run without one.</param>
    /// <param name="steps">The steps of the run.</param>
    /// <param name="starts">Measurements at the first steps of bursts.</param>
    /// <param name="times">Training time of each step.</param>
    public static AfterReduction FromRecords(
        long fork,
        IReadOnlyList<StepRecord> steps,
        IReadOnlyList<CurvatureRecord> starts,
        IReadOnlyDictionary<long, double> times
    )
    {
        ArgumentNullException.ThrowIfNull(starts);
        ArgumentNullException.ThrowIfNull(times);
        // The burst at the reduction itself measures the state left by the earlier learning rate, so it is not a peak.
        // It still counts for passages, since one may lie right after it.
        (double Time, double Value)[] from =
        [
            .. starts
                .Where(record => record.Step >= fork && Measured(record, times))
                .Select(record => (times[record.Step], Sharpness(record))),
        ];
        var after = starts.Where(record => record.Step > fork && Measured(record, times)).ToArray();
        var none = None with { Passages = LossPassage.Find(steps, times, fork, from) };
        if (after.Length == 0)
            return none;
        var peak = after.MaxBy(Sharpness)!;
        return none with
        {
            Peak = Sharpness(peak),
            PeakError = peak.Hessian is null ? peak.Residuals.FirstOrDefault(double.NaN) : peak.Hessian.Residual,
            PeakPassed = after.Any(record => record.Step > peak.Step && Sharpness(record) <= Passed * Sharpness(peak)),
            TimeToPeak = times[peak.Step] - times.GetValueOrDefault(fork),
            PeakDistance = peak.StartDistance ?? double.NaN,
            MostOfThreshold = after.Max(record => record.Sharpness / record.Threshold),
        };
    }

    /// <summary>Returns the passage of a loss; null if the loss was not reached.</summary>
    public LossPassage? At(double loss) => Passages.FirstOrDefault(passage => passage.Loss == loss);

    private static bool Measured(CurvatureRecord record, IReadOnlyDictionary<long, double> times) =>
        times.ContainsKey(record.Step) && double.IsFinite(Sharpness(record));

    private static string Named(double loss, string what) => FormattableString.Invariant($"at loss {loss}: {what}");

    private static double Sharpness(CurvatureRecord record) => record.Hessian?.Sharpness ?? record.Sharpness;
}
