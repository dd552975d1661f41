using System.Globalization;

namespace Gyre.Lab.Claims;

/// <summary>The failure signatures of arXiv 2412.17613, recognised and named, with what to try.</summary>
public static class Signatures
{
    /// <summary>A sentence each; empty where none is seen.</summary>
    public static IReadOnlyList<string> Of(ClaimData data, IReadOnlyList<Verdict> verdicts)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(verdicts);
        return [.. new[] { Diverging(data), NoGain(data, verdicts), NeverResolved(data), Unrelated(verdicts) }.OfType<string>()];
    }

    private static string? Diverging(ClaimData data)
    {
        var diverged = data.Cells.Where(cell => cell.Diverged).ToArray();
        return diverged.Length == 0 ? null : string.Create(CultureInfo.InvariantCulture,
            $"Parameters grow without bound: {diverged.Length} {(diverged.Length == 1 ? "cell" : "cells")} from eta = {diverged.Min(cell => cell.Cell.LearningRate):G3} on diverged. Try a smaller rate, a warmup (training.warmup), or a bounded loss.");
    }

    private static string? NoGain(ClaimData data, IReadOnlyList<Verdict> verdicts) =>
        data.Cells.Any(cell => cell.Unstable && !cell.Diverged) && verdicts.Any(verdict => verdict is { Claim: "C3a", Kind: VerdictKind.NotSupported })
            ? "No better generalization despite instabilities: reduced runs are below the small rate throughout. Try to reduce later or to a rate nearer to the parent's, more training samples, or a network that turns more (deeper, without normalisation)."
            : null;

    private static string? NeverResolved(ClaimData data)
    {
        var open = data.Cells.Where(cell => cell.Outcome == "unresolved").ToArray();
        return open.Length == 0 ? null :
            $"Sharpness stays above the threshold and no instability resolves: {open.Length} {(open.Length == 1 ? "cell" : "cells")} ({string.Join("; ", open.Select(cell => cell.Cell.Group).Distinct())}). Try a reduction of the rate (sweep.reductions), more steps, or a smaller rate.";
    }

    private static string? Unrelated(IReadOnlyList<Verdict> verdicts) =>
        verdicts.FirstOrDefault(verdict => verdict.Claim == "C4a") is { Evidence.Count: > 0, Kind: not VerdictKind.Supported } verdict
            ? $"Rotation is not shown to go with accuracy ({verdict.Reason}). Try more seeds or rates, or a measure at another lag: the table of correlations has all."
            : null;
}
