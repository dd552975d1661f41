using System.Globalization;
using Gyre.Lab.Statistics;

namespace Gyre.Lab.Dynamics;

/// <summary>The outcome of a run.</summary>
internal enum OutcomeKind
{
    /// <summary>S was never at or above the threshold.</summary>
    Stable,

    /// <summary>S reached the threshold and hovers around it.</summary>
    EdgeOfStability,

    /// <summary>
    /// The run began above the threshold, or its first instability at least doubled the loss, and S ended below the
    /// edge.
    /// </summary>
    Catapult,

    /// <summary>Instabilities occurred, and S ended below the edge.</summary>
    Resolved,

    /// <summary>Instabilities occurred, and S ended far above the threshold.</summary>
    Unresolved,

    /// <summary>The loss grew without bound.</summary>
    Diverged,

    /// <summary>No sharpness was measured.</summary>
    Unmeasured,
}

/// <summary>An outcome with the rule that determined it.</summary>
/// <param name="Rule">The rule as a sentence, with its numbers.</param>
internal sealed record Outcome(OutcomeKind Kind, string Rule)
{
    /// <summary>
    /// Half width of the edge band: a run is at the edge if the mean S over the last fifth of the measurements is
    /// within this share of the threshold. Default: the plateaus of Cohen et al. 2021 lie within it.
    /// </summary>
    public const double EdgeBand = 0.15;

    /// <summary>
    /// Minimum factor by which the loss of a catapult rises over its value at onset (Lewkowycz et al. 2020: "the loss
    /// grows at first").
    /// </summary>
    public const double CatapultRise = 2;

    /// <summary>The name in snake_case, as in summary.json.</summary>
    public string Name => OutcomeNames.Get(Kind);

    /// <summary>Classifies a run from its measurements.</summary>
    /// <param name="series">All measurements.</param>
    /// <param name="cycles">The instabilities of the run.</param>
    /// <param name="divergence">The sentence of the divergence rule; null if the run did not diverge.</param>
    public static Outcome Classify(
        IReadOnlyList<SharpnessPoint> series,
        IReadOnlyList<Instability> cycles,
        string? divergence
    )
    {
        ArgumentNullException.ThrowIfNull(series);
        ArgumentNullException.ThrowIfNull(cycles);
        if (divergence is not null)
            return new Outcome(OutcomeKind.Diverged, divergence);
        if (series.Count == 0)
            return new Outcome(OutcomeKind.Unmeasured, "no sharpness was measured");
        if (cycles.Count == 0)
            return new Outcome(
                OutcomeKind.Stable,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"sharpness was never at or above the threshold (at most "
                        + $"{series.Max(point => point.Sharpness / point.Threshold):0.00} of it)"
                )
            );
        var tail = FinalRatio(series);
        if (Math.Abs(tail - 1) <= EdgeBand)
            return new Outcome(
                OutcomeKind.EdgeOfStability,
                Sentence(
                    $"mean sharpness of the last fifth is {tail:0.00} of the threshold, within {EdgeBand:0.00} of it"
                )
            );
        if (tail > 1 + EdgeBand)
            return new Outcome(
                OutcomeKind.Unresolved,
                Sentence($"mean sharpness of the last fifth is {tail:0.00} of the threshold, above 1 + {EdgeBand:0.00}")
            );
        return BelowTheEdge(series, cycles[0], tail);
    }

    /// <summary>Returns the mean of S over the threshold, over the training time of the last fifth.</summary>
    public static double FinalRatio(IReadOnlyList<SharpnessPoint> series) =>
        FinalMean(series, point => point.Sharpness / point.Threshold);

    /// <summary>
    /// Returns the mean over training time of all measurements from the first of the last fifth of the regular ones
    /// on.
    /// </summary>
    public static double FinalMean(IReadOnlyList<SharpnessPoint> series, Func<SharpnessPoint, double> of)
    {
        ArgumentNullException.ThrowIfNull(series);
        ArgumentNullException.ThrowIfNull(of);
        var first = LastFifth([.. series.Where(point => point.Regular)]) is [var begins, ..] ? begins.Step : 0;
        return TrainingTime.Mean(
            series.Where(point => point.Step >= first).Select(point => (point.Step, point.Time, of(point)))
        );
    }

    /// <summary>Returns the last fifth of the measurements, but at least one if there are any.</summary>
    public static IReadOnlyList<T> LastFifth<T>(IReadOnlyList<T> series)
    {
        ArgumentNullException.ThrowIfNull(series);
        return [.. series.Skip(series.Count - Math.Max(1, series.Count / 5))];
    }

    private static Outcome BelowTheEdge(IReadOnlyList<SharpnessPoint> series, Instability first, double tail)
    {
        var fromStart = first.Onset == series[0].Step;
        var rise = first.PeakLoss / first.OnsetLoss;
        if (fromStart || rise >= CatapultRise)
        {
            return new Outcome(
                OutcomeKind.Catapult,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{(fromStart ? "it began above the threshold" : $"the loss rose {rise:0.0} times in the first instability")}, "
                        + $"and sharpness ended at {tail:0.00} of the threshold, below 1 − {EdgeBand:0.00}"
                )
            );
        }
        return new Outcome(
            OutcomeKind.Resolved,
            Sentence(
                $"there were instabilities, and sharpness ended at {tail:0.00} of the threshold, below 1 − {EdgeBand:0.00}"
            )
        );
    }

    private static string Sentence(FormattableString text) => FormattableString.Invariant(text);
}
