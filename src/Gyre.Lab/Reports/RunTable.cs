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
        "the count is chaotic: it differs between seeds, thread counts and processors, so its error bar is over seeds";

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
                $"from sharpness at or above the threshold until both it and the loss are back; {Chaotic}"
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
                ? new("time", "—", "not recorded: another program did the training")
                : new("time", Seconds(spent.Total), Parts(spent)),
        ];
    }

    private static IEnumerable<TableRow> Outcome(SummaryRecord summary)
    {
        yield return new("outcome", SnakeCase.Spaced(summary.Outcome), summary.OutcomeRule);
        if (summary.EndedBy is { } held)
            yield return new("ended", $"step {summary.Steps}", $"training.until was met one step before: {held}");
        yield return new(
            "learning rate",
            $"{NumberText.Format(summary.EdgeUnits, 3)} edge units",
            "eta divided by 2/S at the start; training is unstable from the start if it is above 1"
        );
    }

    private static TableRow Sharpness(SummaryRecord summary)
    {
        var threshold = double.IsFinite(summary.FinalThreshold)
            ? $"threshold {NumberText.Format(summary.FinalThreshold, 4)}"
            : "no threshold";
        return new(
            "sharpness",
            $"{NumberText.Format(summary.InitialSharpness, 4)} → peak {NumberText.Format(summary.PeakSharpness, 4)} → "
                + $"{NumberText.Format(summary.FinalSharpness, 4)}",
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
                    : "1 − overlap of two solves at the same step"
            ),
        ];

    private static TableRow Score(SummaryRecord summary) =>
        double.IsFinite(summary.FinalAccuracy)
            ? new(
                "accuracy",
                $"train {Share(summary.FinalAccuracy)}, test {Share(summary.FinalTestAccuracy)}",
                $"best test {Share(summary.BestTestAccuracy)}; train loss {NumberText.Format(summary.FinalLoss, 4)}"
            )
            : new(
                "loss",
                NumberText.Format(summary.FinalLoss, 4),
                "training loss at the last step; numeric targets have no accuracy"
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
                $"1 − overlap of the eigenvectors before the onset and at the resolution; mean of {turns.Length}"
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
                $"the loss rose {Times(rises.Unmeasured)} where no sharpness was measured; use curvature.follow "
                    + "or closer bursts to measure more of it"
            );
    }

    private static string Times(int count) => count == 1 ? "once" : $"{count} times";

    private static string Followed(FollowSummary? followed) =>
        followed is not { Count: > 0 }
            ? ""
            : $"; {followed.Count} of them are follow-ups (curvature.follow), with "
                + $"{NumberText.Format((double)followed.Products / followed.RegularProducts, 2)} times the products of the "
                + "regular ones";

    /// <summary>Returns the measures next to sharpness, and the interventions.</summary>
    private static IEnumerable<TableRow> SharpnessRows(SummaryRecord summary)
    {
        if (summary.FinalHessianSharpness is { } hessian)
            yield return new(
                "of the Hessian",
                NumberText.Format(hessian, 4),
                "mean of the last fifth; the sharpness above is that of the preconditioned Hessian (docs/optimizers.md)"
            );
        if (summary.FinalBatchSharpness is { } batch)
            yield return new(
                "batch sharpness",
                NumberText.Format(batch, 4),
                "mean of the last fifth; curvature of batches along their own gradients"
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
        var left = double.IsFinite(found.TurnDegrees) ? $", left {NumberText.Format(found.TurnDegrees, 3)}°" : "";
        return double.IsFinite(found.FreeTurnDegrees)
            ? $"; first-order turn of v1 {NumberText.Format(found.FreeTurnDegrees, 3)}° per step{left}"
            : "";
    }

    /// <summary>
    /// Formats the rotation between random spaces, 1 − k/n. It is usually so close to 1 that only its difference from
    /// 1 is informative.
    /// </summary>
    private static string Chance(int pairs, long parameters)
    {
        var share = (double)pairs / parameters;
        return share < 0.001 ? $"1 − {NumberText.Format(share, 2)}" : NumberText.Format(1 - share, 4);
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
            $"{NumberText.Format(summary.ProductsPerMeasurement, 3)} Hessian-vector products each{Followed(summary.FollowUps)}"
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
                    + "the floor of the valley"
            );
        yield return new(
            "self-stabilisation",
            NumberText.Format(found.Correlation, 2),
            "Spearman's rho between the predicted and the observed change of "
                + $"sharpness, over {Counted.Format(found.Pairs, "step")}"
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
            return NumberText.Format(mean, 4);
        var decimals = Math.Clamp(1 - (int)Math.Floor(Math.Log10(error)), 0, 6);
        string Fixed(double value) => NumberText.Fixed(value, decimals);
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
                ? $" [{NumberText.Format(found.SlopeLow, 3)}, {NumberText.Format(found.SlopeHigh, 3)}]"
                : ", unbounded";
        return new(
            "flattening",
            NumberText.Format(found.Slope, 3) + interval,
            "change of peak sharpness per instability, Theil–Sen with 95 % interval (unbounded with few "
                + $"instabilities); Kendall tau {NumberText.Format(found.KendallTau, 2)}, p = {NumberText.PValue(found.PValue)}"
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
            : $"; between ranks {Seconds(exchange)} of communication, {Seconds(spent.Waiting ?? 0)} of waiting";
}
