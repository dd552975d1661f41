using System.Globalization;
using Gyre.Lab.Runs;

namespace Gyre.Lab.Reports;

/// <summary>One row of the table at a run's end.</summary>
/// <param name="Name">What.</param>
/// <param name="Value">Its value, with its error where it has one.</param>
/// <param name="Note">How to read it.</param>
public sealed record TableRow(string Name, string Value, string Note);

/// <summary>The table at a run's end. Pure.</summary>
public static class RunTable
{
    /// <summary>Rows for a summary and the seconds by part.</summary>
    public static IReadOnlyList<TableRow> Rows(SummaryRecord summary, IReadOnlyList<TimingRecord> timings, int pairs)
    {
        ArgumentNullException.ThrowIfNull(summary);
        ArgumentNullException.ThrowIfNull(timings);
        var chance = 1 - (double)pairs / summary.Parameters;
        return
        [
            new("outcome", summary.Outcome.Replace('_', ' '), summary.OutcomeRule),
            new("step size", $"{Text(summary.EdgeUnits, 3)} edge units", "eta over 2/S at the start; 1 is the threshold at initialisation"),
            new("sharpness", $"{Text(summary.InitialSharpness, 4)} → peak {Text(summary.PeakSharpness, 4)} → {Text(summary.FinalSharpness, 4)}",
                $"start, peak (step {summary.PeakStep}), mean of the last fifth; threshold 2/eta = {Text(summary.FinalThreshold, 4)}"),
            new("instabilities", Cycles(summary), "sharpness at or above 2/eta, until it and the loss are back"),
            new("flattening", Flattening(summary.Flattening), summary.Flattening is { } found
                ? $"change of peak sharpness a cycle, Theil–Sen with 95 % interval (unbounded with few cycles); Kendall tau {Text(found.KendallTau, 2)}, p = {Text(found.PValue, 2)}"
                : "needs three instabilities"),
            Rotation("flip", summary.Flip, $"1 − overlap at lag 1; random spaces {Text(chance, 4)}"),
            Rotation("drift per bounce", summary.DriftPerBounce, "1 − overlap at lag 2"),
            Rotation("drift", summary.Drift, "1 − overlap between bursts"),
            Rotation("re-solve baseline", summary.Resolve, summary.Resolve is null ? "set curvature.resolve = true to measure it" : "1 − overlap of two solves where nothing turned"),
            new("accuracy", $"train {Percent(summary.FinalAccuracy)}, test {Percent(summary.FinalTestAccuracy)}",
                $"best test {Percent(summary.BestTestAccuracy)}; train loss {Text(summary.FinalLoss, 4)}"),
            new("measurements", $"{summary.Measurements}, {summary.Converged} converged", $"{Text(summary.ProductsPerMeasurement, 3)} Hessian-vector products each"),
            new("time", Seconds(timings.Sum(time => time.Total)), Parts(timings)),
        ];
    }

    /// <summary>So many significant digits; a dash where the number is not finite.</summary>
    public static string Text(double? value, int digits) =>
        value is not { } number || !double.IsFinite(number) ? "—" : number.ToString($"G{digits}", CultureInfo.InvariantCulture);

    private static TableRow Rotation(string name, RotationSummary? rotation, string note) => rotation is null
        ? new TableRow(name, "—", note)
        : new TableRow(name, Interval(rotation), $"{note}; mean of {rotation.Count}{(rotation.Unresolved > 0 ? $", {rotation.Unresolved} unresolved" : "")}");

    /// <summary>Plus or minus where the interval lies evenly about the mean, else its two ends.</summary>
    private static string Interval(RotationSummary rotation)
    {
        var half = (rotation.High - rotation.Low) / 2;
        var even = Math.Abs(rotation.High + rotation.Low - 2 * rotation.Mean) <= 0.2 * half;
        return even ? WithError(rotation.Mean, half) : $"{Text(rotation.Mean, 3)} [{Text(rotation.Low, 3)}, {Text(rotation.High, 3)}]";
    }

    /// <summary>As many digits as the error allows: two of the error.</summary>
    private static string WithError(double value, double error)
    {
        if (!double.IsFinite(error) || error <= 0)
            return Text(value, 4);
        var decimals = Math.Clamp(1 - (int)Math.Floor(Math.Log10(error)), 0, 6);
        return string.Create(CultureInfo.InvariantCulture, $"{Math.Round(value, decimals).ToString($"F{decimals}", CultureInfo.InvariantCulture)} ± {Math.Round(error, decimals).ToString($"F{decimals}", CultureInfo.InvariantCulture)}");
    }

    private static string Cycles(SummaryRecord summary) => summary.Cycles.Length == 0
        ? "none"
        : $"{summary.Cycles.Length}, {summary.Cycles.Count(cycle => cycle.Resolution is not null)} resolved";

    private static string Flattening(FlatteningRecord? flattening) => flattening is null
        ? "—"
        : double.IsFinite(flattening.SlopeLow) && double.IsFinite(flattening.SlopeHigh)
            ? $"{Text(flattening.Slope, 3)} [{Text(flattening.SlopeLow, 3)}, {Text(flattening.SlopeHigh, 3)}]"
            : $"{Text(flattening.Slope, 3)}, unbounded";

    private static string Percent(double? share) => share is not { } value ? "—" : string.Create(CultureInfo.InvariantCulture, $"{100 * value:0.0} %");

    private static string Seconds(double seconds) => string.Create(CultureInfo.InvariantCulture, $"{seconds:0.0} s");

    private static string Parts(IReadOnlyList<TimingRecord> timings) =>
        $"gradients {Seconds(timings.Sum(time => time.Gradient))}, curvature {Seconds(timings.Sum(time => time.Curvature))}, test set {Seconds(timings.Sum(time => time.Evaluation))}, files {Seconds(timings.Sum(time => time.Files))}";
}
