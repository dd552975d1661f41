using System.Globalization;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Statistics;
using Gyre.Torch;

namespace Gyre.Lab.Reports;

/// <summary>One row of the table at the end of a run.</summary>
/// <param name="Value">The value, with its error if it has one.</param>
/// <param name="Note">An explanation of the value.</param>
internal sealed record TableRow(string Name, string Value, string Note);

/// <summary>The table at the end of a run. Pure functions.</summary>
internal static class RunTable
{
    /// <summary>The note next to every count of instabilities.</summary>
    public const string Chaotic =
        "the count is chaotic: another seed, thread count or processor gives another, so its error bar is over seeds";

    /// <summary>Returns the rows for a summary and the time spent on each part.</summary>
    /// <param name="summary">The run's summary.</param>
    /// <param name="spent">The sum of the run's timings; null if none were kept.</param>
    /// <param name="pairs">The number of eigenpairs measured.</param>
    /// <param name="notes">The notes of the run's processes (<see cref="SessionKinds.NotesOf"/>).</param>
    public static IReadOnlyList<TableRow> Rows(
        SummaryRecord summary,
        TimingRecord? spent,
        int pairs,
        IReadOnlyList<string> notes
    )
    {
        ArgumentNullException.ThrowIfNull(summary);
        return
        [
            .. Outcome(summary),
            Sharpness(summary),
            .. SharpnessRows(summary),
            new(
                "instabilities",
                Cycles(summary),
                $"sharpness at or above the threshold, until it and the loss are back; {Chaotic}"
            ),
            .. Across(summary.Cycles),
            .. Rises(summary.LossRises),
            Flattening(summary.Flattening),
            .. Rotations(summary, pairs),
            Score(summary),
            .. Stabilization(summary.SelfStabilisation),
            Measurements(summary),
            .. summary.LeftOut is { Length: > 0 } left ? [NotShown(left)] : Array.Empty<TableRow>(),
            .. notes.Count > 0 ? [Noted(notes)] : Array.Empty<TableRow>(),
            spent is null
                ? new("time", "—", "not kept: the training was a program's own")
                : new("time", Seconds(spent.Total), Parts(spent)),
        ];
    }

    private static IEnumerable<TableRow> Outcome(SummaryRecord summary)
    {
        yield return new("outcome", SnakeCase.Spaced(summary.Outcome), summary.OutcomeRule);
        if (summary.EndedBy is { } held)
            yield return new("ended", $"step {summary.Steps}", $"training.until held a step before: {held}");
        yield return new(
            "step size",
            $"{Text(summary.EdgeUnits, 3)} edge units",
            "eta over the rate whose threshold is the sharpness at the start; above 1 is unstable"
        );
    }

    private static TableRow Sharpness(SummaryRecord summary)
    {
        var threshold = double.IsFinite(summary.FinalThreshold)
            ? $"threshold {Text(summary.FinalThreshold, 4)}"
            : "there is no threshold";
        return new(
            "sharpness",
            $"{Text(summary.InitialSharpness, 4)} → peak {Text(summary.PeakSharpness, 4)} → "
                + $"{Text(summary.FinalSharpness, 4)}",
            $"start, peak (step {summary.PeakStep}), mean of the last fifth; {threshold}"
        );
    }

    /// <summary>Each sentence begins with the name of the item left out, followed by a colon.</summary>
    private static TableRow NotShown(string[] sentences) =>
        new(
            "left out",
            string.Join("; ", sentences.Select(sentence => sentence.Split(": ")[0])),
            string.Join(". ", sentences)
        );

    private static TableRow Noted(IReadOnlyList<string> notes) =>
        new("notes", $"{notes.Count}", string.Join(". ", notes.Select(note => note.TrimEnd('.'))));

    private static TableRow[] Rotations(SummaryRecord summary, int pairs) =>
        [
            Rotation("flip", summary.Flip, $"1 − overlap at lag 1; random spaces {Chance(pairs, summary.Parameters)}"),
            Rotation("drift per bounce", summary.DriftPerBounce, "1 − overlap at lag 2"),
            Rotation("drift", summary.Drift, "1 − overlap between bursts"),
            Rotation(
                "re-solve baseline",
                summary.Resolve,
                summary.Resolve is null
                    ? "set curvature.resolve = true to measure it"
                    : "1 − overlap of two solves where nothing turned"
            ),
        ];

    private static TableRow Score(SummaryRecord summary) =>
        double.IsFinite(summary.FinalAccuracy)
            ? new(
                "accuracy",
                $"train {Share(summary.FinalAccuracy)}, test {Share(summary.FinalTestAccuracy)}",
                $"best test {Share(summary.BestTestAccuracy)}; train loss {Text(summary.FinalLoss, 4)}"
            )
            : new(
                "loss",
                Text(summary.FinalLoss, 4),
                "training loss at the last step; targets that are numbers have no accuracy"
            );

    /// <summary>Averages over the instabilities, each counted once.</summary>
    private static IEnumerable<TableRow> Across(InstabilityRecord[] cycles)
    {
        var turns = cycles.Select(cycle => cycle.Across).OfType<InstabilityTurnRecord>().ToArray();
        if (turns.Length > 0)
        {
            yield return new(
                "across instabilities",
                WithError(
                    turns.Average(turn => turn.Rotation),
                    turns.Average(turn => turn.Low),
                    turns.Average(turn => turn.High)
                ),
                $"1 − overlap of the eigenvectors before with those at the resolution; mean of {turns.Length}"
            );
        }
    }

    /// <summary>Reports how many of the loss's rises were measured.</summary>
    private static IEnumerable<TableRow> Rises(LossRiseSummary? rises)
    {
        const string Note = "rises of the loss to 1.3 times its recent minimum or more";
        if (rises is null)
            yield break;
        var where =
            rises.OutsideInstability == 0
                ? "all in measured instabilities"
                : $"{rises.OutsideInstability} outside of measured instabilities";
        yield return new("loss rises", rises.Count == 0 ? "none" : $"{rises.Count}, {where}", Note);
        if (rises.Unmeasured > 0)
            yield return new(
                "unmeasured",
                Times(rises.Unmeasured),
                $"the loss rose {Times(rises.Unmeasured)} where no sharpness was measured; curvature.follow "
                    + "and closer bursts leave less out"
            );
    }

    private static string Times(int count) => count == 1 ? "once" : $"{count} times";

    private static string Followed(FollowSummary? followed) =>
        followed is not { Count: > 0 }
            ? ""
            : $"; {followed.Count} of them where the training called for it (curvature.follow), at "
                + $"{Text((double)followed.Products / followed.RegularProducts, 2)} times the products of the "
                + "regular ones";

    /// <summary>Returns the measures next to sharpness, and the interventions.</summary>
    private static IEnumerable<TableRow> SharpnessRows(SummaryRecord summary)
    {
        if (summary.FinalHessianSharpness is { } hessian)
            yield return new(
                "of the Hessian",
                Text(hessian, 4),
                "mean of the last fifth; sharpness above is that of another matrix (docs/optimizers.md)"
            );
        if (summary.FinalBatchSharpness is { } batch)
            yield return new(
                "batch sharpness",
                Text(batch, 4),
                "mean of the last fifth: curvature of batches along their own gradients"
            );
        if (summary.Intervention is { } found)
            yield return new(
                "intervention",
                $"in {found.Acted} of {Counted.Format(found.Steps, "step")}",
                $"{Share(found.MeanRemoved)} of a step changed{FirstOrderTurn(found)}; "
                    + $"{Counted.Format(found.Products, "product")}"
            );
    }

    private static string FirstOrderTurn(InterventionSummary found)
    {
        var left = double.IsFinite(found.TurnDegrees) ? $", left {Text(found.TurnDegrees, 3)}°" : "";
        return double.IsFinite(found.FreeTurnDegrees)
            ? $"; first-order turn of v1 {Text(found.FreeTurnDegrees, 3)}° a step{left}"
            : "";
    }

    /// <summary>Formats to the given number of significant digits; a dash if the number is not finite.</summary>
    public static string Text(double? value, int digits) =>
        value is not { } number || !double.IsFinite(number)
            ? "—"
            : number
                .ToString($"G{digits}", CultureInfo.InvariantCulture)
                .Replace("E+", "e", StringComparison.Ordinal)
                .Replace("E-", "e-", StringComparison.Ordinal)
                .Replace("e-0", "e-", StringComparison.Ordinal);

    /// <summary>Formats a value with the ends of its interval: "0.31 [0.28, 0.34]".</summary>
    public static string Interval(double value, double low, double high, int digits) =>
        $"{Text(value, digits)} [{Text(low, digits)}, {Text(high, digits)}]";

    /// <summary>
    /// Formats the rotation between random spaces, 1 − k/n. It is usually so close to 1 that only its difference from
    /// 1 is informative.
    /// </summary>
    private static string Chance(int pairs, long parameters)
    {
        var share = (double)pairs / parameters;
        return share < 0.001 ? $"1 − {Text(share, 2)}" : Text(1 - share, 4);
    }

    private static TableRow Measurements(SummaryRecord summary)
    {
        if (summary.Measurements == 0)
            return new("measurements", "none", "set curvature.every above 0 to measure");
        var converged =
            summary.Converged == summary.Measurements
                ? "all converged"
                : $"{summary.Converged} converged ({Share((double)summary.Converged / summary.Measurements)})";
        return new(
            "measurements",
            $"{summary.Measurements}, {converged}",
            $"{Text(summary.ProductsPerMeasurement, 3)} Hessian-vector products each{Followed(summary.FollowUps)}"
        );
    }

    private static IEnumerable<TableRow> Stabilization(StabilizationSummary? found)
    {
        if (found is null)
            yield break;
        yield return found.Count == 0
            ? new("sharpening", "—", "no measurement within 15 % of 2/eta")
            : new(
                "sharpening",
                Share(found.Sharpening),
                $"of {Counted.Format(found.Count, "measurement")} within 15 % of 2/eta have −∇L·∇S > 0 at "
                    + "the bottom of the valley"
            );
        yield return new(
            "self-stabilisation",
            Text(found.Correlation, 2),
            "Spearman's rho of the change of sharpness that three variables predict and the one "
                + $"seen, over {Counted.Format(found.Pairs, "step")}"
        );
    }

    private static TableRow Rotation(string name, RotationSummary? rotation, string note)
    {
        if (rotation is null)
            return new TableRow(name, "—", note);
        var unresolved = rotation.Unresolved > 0 ? $", {rotation.Unresolved} unresolved" : "";
        return new TableRow(
            name,
            WithError(rotation.Mean, rotation.Low, rotation.High),
            $"{note}; mean over training time, {rotation.Count} measured{unresolved}"
        );
    }

    /// <summary>
    /// Formats a mean with its error, rounded to two significant digits of the error. Prints both ends if one side of
    /// the interval is more than 1.5 times as long as the other.
    /// </summary>
    private static string WithError(double mean, double low, double high)
    {
        var (below, above) = (mean - low, high - mean);
        var error = Math.Max(below, above);
        if (!double.IsFinite(error) || error <= 0)
            return Text(mean, 4);
        var format = string.Create(
            CultureInfo.InvariantCulture,
            $"F{Math.Clamp(1 - (int)Math.Floor(Math.Log10(error)), 0, 6)}"
        );
        string Fixed(double value) => value.ToString(format, CultureInfo.InvariantCulture);
        return error > 1.5 * Math.Min(below, above)
            ? $"{Fixed(mean)} [{Fixed(low)}, {Fixed(high)}]"
            : $"{Fixed(mean)} ± {Fixed(error)}";
    }

    private static string Cycles(SummaryRecord summary) =>
        summary.Cycles.Length == 0
            ? "none"
            : $"{summary.Cycles.Length}, {summary.Cycles.Count(cycle => cycle.Resolution is not null)} resolved";

    private static TableRow Flattening(FlatteningRecord? found)
    {
        if (found is null)
            return new("flattening", "—", "needs three instabilities");
        var interval =
            double.IsFinite(found.SlopeLow) && double.IsFinite(found.SlopeHigh)
                ? $" [{Text(found.SlopeLow, 3)}, {Text(found.SlopeHigh, 3)}]"
                : ", unbounded";
        return new(
            "flattening",
            Text(found.Slope, 3) + interval,
            "change of peak sharpness a cycle, Theil–Sen with 95 % interval (unbounded with few "
                + $"cycles); Kendall tau {Text(found.KendallTau, 2)}, p = {Text(found.PValue, 2)}"
        );
    }

    private static string Share(double? share) => Percent.Format(share ?? double.NaN);

    private static string Seconds(double seconds) => string.Create(CultureInfo.InvariantCulture, $"{seconds:0.0} s");

    private static string Parts(TimingRecord spent) =>
        $"gradients {Seconds(spent.Gradient)}, curvature {Seconds(spent.Curvature)}, test set "
        + $"{Seconds(spent.Evaluation)}, "
        + $"files {Seconds(spent.Files)}{Between(spent)}";

    /// <summary>Returns the time spent between ranks; empty for a single process.</summary>
    private static string Between(TimingRecord spent) =>
        spent.Exchange is not { } exchange
            ? ""
            : $"; between ranks {Seconds(exchange)} of exchange, {Seconds(spent.Waiting ?? 0)} of waiting";
}
