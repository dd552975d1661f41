using System.Globalization;
using Gyre.Lab.RunFiles;

namespace Gyre.Lab.Landscape;

/// <summary>Selects the step whose landscape is drawn.</summary>
internal static class LandscapeStep
{
    /// <summary>
    /// Returns the step, and the last step with a finite loss, up to which the run can be followed.
    /// </summary>
    /// <exception cref="LandscapeException">The run has no such step.</exception>
    public static (long Step, long Last) Choose(RunReader run, long? wanted)
    {
        long last = -1;
        foreach (var record in run.EachStep().TakeWhile(record => double.IsFinite(record.Loss)))
            last = record.Step;
        if (last < 0)
            throw new LandscapeException(
                $"{run.Folder.Path} has no step with a finite loss yet. Let `gyre run` continue first."
            );
        var step = wanted ?? Sharpest(run, last);
        if (step < 0 || step > last)
            throw new LandscapeException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{run.Folder.Path} has finite losses at steps 0 to {last}, but not at {step}. Choose one "
                        + $"of these with --at."
                )
            );
        return (step, last);
    }

    private static long Sharpest(RunReader run, long last) =>
        run.EachCurvature()
            .Where(record => double.IsFinite(record.Sharpness) && record.Step <= last)
            .MaxBy(record => record.Sharpness)
            ?.Step
        ?? throw new LandscapeException(
            $"{run.Folder.Path} has no measurement of sharpness to choose a step by. Give --at STEP."
        );
}
