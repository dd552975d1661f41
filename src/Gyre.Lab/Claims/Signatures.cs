using System.Globalization;
using Gyre.Lab.Dynamics;
using Gyre.Lab.Statistics;
using Gyre.Torch;

namespace Gyre.Lab.Claims;

/// <summary>Detects the failure signatures of arXiv 2412.17613 and suggests remedies.</summary>
internal static class Signatures
{
    private const double StillHigh = 0.5;

    /// <summary>Returns one sentence per signature; empty if none is detected.</summary>
    public static IReadOnlyList<string> Create(ClaimData data, IReadOnlyList<Verdict> verdicts)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(verdicts);
        return
        [
            .. new[]
            {
                Diverging(data),
                NoGain(data, verdicts),
                NeverResolved(data),
                Unrelated(verdicts),
            }.OfType<string>(),
        ];
    }

    /// <summary>
    /// A loss that grew is not enough, since a step may throw theta far and leave it there. Parameters count as
    /// growing if their last update is at least as long as the first.
    /// </summary>
    private static string? Diverging(ClaimData data)
    {
        var growing = data.Cells.Where(cell => cell.Diverged && !(cell.UpdateGrowth < 1)).ToArray();
        return growing.Length == 0
            ? null
            : string.Create(
                CultureInfo.InvariantCulture,
                $"Parameters grow without bound: {Cells(growing.Length)} diverged with updates longer than at "
                    + $"the start, the smallest of their learning rates being "
                    + $"{NumberText.Format(growing.Min(cell => cell.Cell.LearningRate), 3)}. Try a smaller learning rate, a "
                    + $"warmup (training.warmup), or weight decay (objective.weight_decay)."
            );
    }

    /// <summary>
    /// Judges by C3a. In a sweep without reductions, it judges by C3b: the smallest learning rate is the best for
    /// every seed left out.
    /// </summary>
    private static string? NoGain(ClaimData data, IReadOnlyList<Verdict> verdicts)
    {
        const string Try =
            "Try a later reduction or one to a learning rate nearer to the parent's, more seeds or training samples, or a "
            + "network whose eigenvectors turn more (deeper, without normalization).";
        if (!data.Cells.Any(cell => cell.Unstable && !cell.Diverged))
            return null;
        if (Judged(verdicts, "C3a") is { } reduced)
        {
            var said =
                reduced.Kind == VerdictKind.Opposite
                    ? "reduced runs are below"
                    : "reduced runs are on average not above";
            return reduced.Evidence[0].Value > 0
                ? null
                : $"No better generalization despite instabilities: {said} the runs at the small learning rate "
                    + $"({reduced.Reason}). {Try}";
        }
        return Judged(verdicts, "C3b") is { Kind: VerdictKind.NotSupported } range && range.Evidence[1].Value == 0
            ? $"No better generalization despite instabilities: the smallest learning rate is the best ({range.Reason}). {Try}"
            : null;
    }

    private static string? NeverResolved(ClaimData data)
    {
        var open = data
            .Cells.Where(cell => cell is { Outcome: OutcomeNames.Unresolved, Resolved: 0 } && StaysHigh(cell))
            .ToArray();
        return open.Length == 0
            ? null
            : $"Sharpness rises and no instability resolves: {Cells(open.Length)} "
                + $"({string.Join("; ", open.OrderBy(cell => cell.Cell.LearningRate).Select(cell => cell.Cell.Group).Distinct())}). "
                + "Try a reduction of the learning rate (sweep.reductions), more steps, or a smaller learning rate.";
    }

    /// <summary>
    /// Whether sharpness stays high: at the end it is at least half its peak and above 2/eta. Sharpness that rose to
    /// a peak and then fell most of the way does not count. The comparison is a ratio, since sharpness varies by
    /// factors.
    /// </summary>
    private static bool StaysHigh(CellMeasures cell) =>
        cell.FinalSharpness >= StillHigh * cell.PeakSharpness && !(cell.FinalSharpness <= cell.FinalThreshold);

    /// <summary>
    /// Judges by the p-value of drift alone. Rotation that correlates with accuracy, but less than sharpness does, is
    /// not unrelated.
    /// </summary>
    private static string? Unrelated(IReadOnlyList<Verdict> verdicts) =>
        Judged(verdicts, "C4a") is { } verdict && verdict.Evidence[0].PValue >= Judge.Level
            ? $"There is no evidence that rotation predicts accuracy ({verdict.Reason}). Try more seeds or learning rates, or a "
                + "measure at another lag: the table of correlations has all of them."
            : null;

    /// <summary>
    /// Returns a part that had the data its rule needs, including two seeds if it is an interval over seeds; null
    /// otherwise.
    /// </summary>
    private static Verdict? Judged(IReadOnlyList<Verdict> verdicts, string part) =>
        verdicts.FirstOrDefault(verdict =>
            verdict.Claim == part && verdict.Evidence.Count > 0 && double.IsFinite(verdict.Evidence[0].Low)
        );

    private static string Cells(int count) => FormattableString.Invariant($"{count} {Counted.Noun(count, "cell")}");
}
