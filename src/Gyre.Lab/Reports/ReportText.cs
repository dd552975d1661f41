using System.Globalization;
using Gyre.Lab.Claims;
using Gyre.Lab.Figures;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Statistics;
using Gyre.Torch;

namespace Gyre.Lab.Reports;

/// <summary>The sentences of a sweep's report.</summary>
internal static class ReportText
{
    internal static string Title(SweepReportData data) => $"Gyre sweep: {data.Plan.Name}";

    /// <summary>Returns a paragraph on the runs and their results.</summary>
    public static string Summary(SweepReportData data, IReadOnlyList<Verdict> verdicts)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(verdicts);
        var cells = data.Plan.Cells;
        var (seeds, forks) = (
            cells.Select(cell => cell.Seed).Distinct().Count(),
            cells.Count(cell => cell.Parent is not null)
        );
        var settings = cells.Where(cell => cell.Parent is null).Select(cell => cell.Group).Distinct().Count();
        var axes = data.Plan.Axes.Length == 0 ? "" : $", varying {Joined(data.Plan.Axes)}";
        var reduced =
            forks == 0 ? "" : $", and {Counted.Format(forks, "run")} whose learning rate was reduced during training";
        var sentences = new List<string>
        {
            $"{Counted.Format(cells.Length, "run")} of full-batch gradient descent: "
                + $"{Counted.Format(settings, "setting")} at {Counted.Format(seeds, "seed")}{axes}{reduced}.",
        };
        if (Claims(verdicts) is { } claims)
            sentences.Add(claims);
        if (Best(data) is { } best)
            sentences.Add(best);
        if (data.Finished.Count(cell => cell.Measures.Diverged) is > 0 and var diverged)
            sentences.Add($"{Counted.Format(diverged, "run")} diverged.");
        if (CellCopies.Sentence(data.Claims) is { } copies)
            sentences.Add(copies);
        return string.Join(' ', sentences);
    }

    /// <summary>Returns the verdicts on the paper's main claims; null if there are none.</summary>
    private static string? Claims(IReadOnlyList<Verdict> verdicts)
    {
        var whole = verdicts.Where(verdict => verdict.Claim.Length == 2).ToArray();
        var kinds =
            from verdict in whole
            group verdict by verdict.Name into same
            orderby same.First().Kind
            let claims = Joined([.. same.Select(verdict => verdict.Claim)])
            select $"{claims} {Counted.Noun(same.Count(), "is", "are")} {same.Key}";
        return whole.Length == 0
            ? null
            : $"The paper's {Counted.Format(whole.Length, "claim")}: {string.Join(", ", kinds)}.";
    }

    /// <summary>Returns a sentence on the cells that are not finished; empty for a finished sweep.</summary>
    internal static string Unfinished(SweepReportData data) =>
        data.Open.Count == 0
            ? ""
            : $"This sweep is not finished: {Counted.Format(data.Open.Count, "cell")} of {data.Plan.Cells.Length} "
                + $"{Counted.Noun(data.Open.Count, "is", "are")} open. Everything below covers the "
                + "finished cells. The command at the end resumes the sweep.";

    /// <summary>Returns a verdict's row for the table.</summary>
    internal static ClaimView Claim(Verdict verdict) =>
        new(
            verdict.Claim,
            verdict.Statement,
            verdict.Claim.Length == 2,
            verdict.Name.Replace(' ', '-'),
            verdict.Kind switch
            {
                VerdictKind.Supported => "✓",
                VerdictKind.NotSupported => "✗",
                VerdictKind.Opposite => "⇄",
                _ => "?",
            },
            verdict.Name,
            verdict.Reason,
            verdict.Rule,
            [.. verdict.Evidence.Select(Evidence)]
        );

    /// <summary>Explains the command that reproduces the sweep.</summary>
    internal static string ReproductionCommand(SweepPlanRecord plan) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"The same command resumes a stopped sweep and repeats nothing that is finished. It is shown "
                + $"as recorded in plan.json. If it names a spec file, sweep.toml in the sweep folder is a copy of that "
                + $"file. Numbers are identical to the last bit on the same machine with "
                + $"{Counted.Format(plan.Threads, "thread")} per run, and equal up to rounding elsewhere."
        );

    /// <summary>Formats a number that supports a verdict.</summary>
    public static string Evidence(Evidence evidence)
    {
        ArgumentNullException.ThrowIfNull(evidence);
        string Text(double value) => NumberText.Format(value, 4);
        var interval = double.IsFinite(evidence.Low) ? $" [{Text(evidence.Low)}, {Text(evidence.High)}]" : "";
        return $"{evidence.Name}: {Text(evidence.Value)}{interval} ({evidence.Note})";
    }

    private static string Joined(string[] words) =>
        words.Length < 2 ? string.Concat(words) : $"{string.Join(", ", words[..^1])} and {words[^1]}";

    private static string? Best(SweepReportData data)
    {
        var means = data
            .Groups.Concat(data.Forks)
            .Select(group => (Group: group, Mean: group.Mean(Measure.TestAccuracy)))
            .Where(pair => double.IsFinite(pair.Mean.Value))
            .ToArray();
        if (means.Length == 0)
            return null;
        var (best, mean) = means.MaxBy(pair => pair.Mean.Value);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"The best mean test accuracy is {Percent.Format(mean.Value, 2)} ({best.Name}), the worst of those that "
                + $"did not diverge {Percent.Format(means.Min(pair => pair.Mean.Value), 2)}."
        );
    }
}
