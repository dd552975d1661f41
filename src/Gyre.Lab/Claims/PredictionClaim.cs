using Gyre.Lab.Statistics;
using Gyre.Torch;

namespace Gyre.Lab.Claims;

/// <summary>
/// C4: eigenvector rotation predicts test accuracy at least as well as sharpness, raw and with the learning rate held
/// fixed.
/// </summary>
internal static class PredictionClaim
{
    private const int FewestCells = 8;
    private const double Margin = 0.1;

    public static IReadOnlyList<Verdict> Parts(ClaimData data) =>
        [
            Part(data, "C4a", "rotation predicts test accuracy at least as well as sharpness", partial: false),
            Part(
                data,
                "C4b",
                "rotation predicts test accuracy at least as well as sharpness, controlling for the learning rate",
                partial: true
            ),
        ];

    private static Verdict Part(ClaimData data, string claim, string statement, bool partial)
    {
        var rule =
            $"Spearman{(partial ? ", partial for log eta" : "")}: |correlation of drift| minus |correlation of "
            + "final sharpness|, bootstrap interval above −0.1, and drift's permutation p < 0.05; the opposite "
            + "holds if drift's correlation is then below 0; not supported if the interval lies below 0";
        var cells = data
            .Throughout.Where(cell =>
                double.IsFinite(cell.Drift)
                && double.IsFinite(cell.FinalSharpness)
                && double.IsFinite(cell.TestAccuracy)
            )
            .ToArray();
        if (cells.Length < FewestCells)
            return Judge.Missing(
                claim,
                statement,
                rule,
                $"{Counted.Format(cells.Length, "cell is", "cells are")} too few for a correlation, which needs "
                    + $"{FewestCells}"
            );
        var drift = CorrelationTable.Test(RankKind.Spearman, cell => cell.Drift, cells, partial);
        var sharpness = CorrelationTable.Test(RankKind.Spearman, cell => cell.FinalSharpness, cells, partial);
        var gap = CorrelationTable.Gap(RankKind.Spearman, cell => cell.Drift, cells, partial);
        if (Undetermined(("drift", drift), ("final sharpness", sharpness)) is { } lack)
            return Judge.Missing(claim, statement, rule, lack);
        if (!double.IsFinite(gap.Low))
            return Judge.Missing(claim, statement, rule, gap.Method);
        return new Verdict(
            claim,
            statement,
            Kind(drift, gap),
            rule,
            $"drift {Judge.Text(drift.Value)} (p = {NumberText.PValue(drift.PValue)}), final sharpness "
                + $"{Judge.Text(sharpness.Value)} (p = {NumberText.PValue(sharpness.PValue)}); difference of absolute values "
                + $"{Judge.Text(gap)}{Sense(drift)}",
            [
                Correlation("drift", drift),
                Correlation("final sharpness", sharpness),
                new Evidence("difference of absolute values", gap.Value, gap.Low, gap.High, gap.Method),
            ]
        );
    }

    private static VerdictKind Kind(CorrelationTest drift, Interval gap)
    {
        if (gap.Low > -Margin && drift.PValue < Judge.Level)
            return drift.Value > 0 ? VerdictKind.Supported : VerdictKind.Opposite;
        return gap.High < 0 ? VerdictKind.NotSupported : VerdictKind.Inconclusive;
    }

    /// <summary>
    /// Returns the reason why a coefficient decides nothing, in terms of this claim; null if both are determined.
    /// </summary>
    private static string? Undetermined(params (string Name, CorrelationTest Test)[] tests) =>
        tests.FirstOrDefault(one => one.Test.Undetermined is not null) is { Test: { } test } found
            ? $"{found.Name}: "
                + $"{test.Undetermined!.Replace("the control", "the learning rate", StringComparison.Ordinal)}"
            : null;

    /// <summary>
    /// Reports the sign of the correlation. The rule uses only its size, but the paper expects a sign.
    /// </summary>
    private static string Sense(CorrelationTest drift)
    {
        var sense = drift.Value > 0 ? "higher" : "lower";
        return drift.PValue >= Judge.Level ? "" : $". Cells that turned more had {sense} accuracy";
    }

    private static Evidence Correlation(string name, CorrelationTest test) =>
        new(
            $"correlation of {name} with test accuracy",
            test.Value,
            test.Low,
            test.High,
            $"permutation p = {NumberText.PValue(test.PValue)}, "
                + $"{(test.NoInterval is { } lack ? $"no interval: {lack}" : "bootstrap interval")}, {test.Count} "
                + "cells",
            test.PValue
        );
}
