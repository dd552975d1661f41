using Gyre.Lab.RunFiles;
using Gyre.Lab.Running;
using Gyre.Lab.Specs;

namespace Gyre.Dashboard.Reading;

/// <summary>A row of the table of runs; NaN and null for unknown values.</summary>
internal sealed record RunRow
{
    /// <summary>Its folder.</summary>
    public required Found Found { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>The outcome of a finished run; otherwise running, stopped, or unreadable.</summary>
    public required string Outcome { get; init; }

    /// <summary>The tags of its spec.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>eta at the start.</summary>
    public double LearningRate { get; init; } = double.NaN;

    /// <summary>eta at the start divided by 2/S(theta_0).</summary>
    public double EdgeUnits { get; init; } = double.NaN;

    /// <summary>Steps done.</summary>
    public long Steps { get; init; }

    /// <summary>Steps planned.</summary>
    public long Planned { get; init; }

    /// <summary>Best test accuracy, percent.</summary>
    public double BestAccuracy { get; init; } = double.NaN;

    /// <summary>Test accuracy at the end, percent.</summary>
    public double FinalAccuracy { get; init; } = double.NaN;

    /// <summary>Largest sharpness.</summary>
    public double PeakSharpness { get; init; } = double.NaN;

    /// <summary>Mean sharpness of the last fifth; the latest for an unfinished run.</summary>
    public double FinalSharpness { get; init; } = double.NaN;

    /// <summary>Mean flip.</summary>
    public double Flip { get; init; } = double.NaN;

    /// <summary>Mean rotation between bursts.</summary>
    public double Drift { get; init; } = double.NaN;

    /// <summary>Time of the last change, UTC.</summary>
    public DateTime Changed { get; init; }

    /// <summary>Its problems; empty if there are none.</summary>
    public string Flaw { get; init; } = "";

    /// <summary>Share of its steps that are done, 0 to 1; NaN if their number is unknown.</summary>
    public double Progress => Planned > 0 ? Math.Min(1, (double)Steps / Planned) : double.NaN;

    /// <summary>Whether it is finished, so that its outcome is one of the dynamics.</summary>
    public bool Finished => Outcome is not (Running or Stopped or Unreadable);

    /// <summary>There is no summary, and the folder changed recently.</summary>
    public const string Running = "running";

    /// <summary>There is no summary, and the folder has not changed for a while.</summary>
    public const string Stopped = "stopped";

    /// <summary>Its spec cannot be read.</summary>
    public const string Unreadable = "unreadable";
}

/// <summary>Reads rows.</summary>
internal static class RunRows
{
    /// <summary>
    /// Time without a new line after which a run counts as stopped. Chosen: longer than the slowest measurement
    /// observed.
    /// </summary>
    public static readonly TimeSpan Quiet = TimeSpan.FromSeconds(60);

    /// <summary>Reads a row.</summary>
    /// <param name="found">The run's folder.</param>
    /// <param name="now">The time, UTC.</param>
    public static RunRow Read(Found found, DateTime now)
    {
        var folder = new RunFolder(found.Path);
        try
        {
            var glance = RunGlance.Read(folder);
            var row = Row(found, glance);
            return glance.Summary is { } summary ? Finished(row, summary, folder) : Unfinished(row, folder, now);
        }
        // Whatever is wrong with one folder affects one row only.
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            return new RunRow
            {
                Found = found,
                Name = found.Key.Split('/')[^1],
                Outcome = RunRow.Unreadable,
                Flaw = error.Message.Split('\n')[0].Replace(found.Path, found.Key, StringComparison.Ordinal),
                Changed = Directory.GetLastWriteTimeUtc(found.Path),
            };
        }
    }

    private static RunRow Row(Found found, RunGlance glance) =>
        new()
        {
            Found = found,
            Outcome = RunRow.Stopped,
            Name = glance.Name,
            Planned = glance.Planned < MeasuredSpec.Unbounded ? glance.Planned : 0,
            LearningRate = glance.LearningRate,
            Tags = glance.Tags,
            Steps = glance.Steps,
            FinalAccuracy = 100 * glance.TestAccuracy,
            FinalSharpness = glance.Sharpness,
            Flaw = glance.Flaw,
        };

    private static RunRow Finished(RunRow row, SummaryRecord summary, RunFolder folder) =>
        row with
        {
            Outcome = SnakeCase.Spaced(summary.Outcome),
            EdgeUnits = summary.EdgeUnits,
            BestAccuracy = 100 * (summary.BestTestAccuracy ?? double.NaN),
            PeakSharpness = summary.PeakSharpness,
            Flip = summary.Flip?.Mean ?? double.NaN,
            Drift = summary.Drift?.Mean ?? double.NaN,
            Changed = File.GetLastWriteTimeUtc(folder.Summary),
        };

    private static RunRow Unfinished(RunRow row, RunFolder folder, DateTime now)
    {
        var changed = new[] { folder.Steps, folder.Curvature, folder.Spec }.Select(File.GetLastWriteTimeUtc).Max();
        return row with { Outcome = now - changed < Quiet ? RunRow.Running : RunRow.Stopped, Changed = changed };
    }
}
