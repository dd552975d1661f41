using System.Globalization;
using Gyre.Lab.Dynamics;
using Gyre.Lab.Measuring;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Specs;

namespace Gyre.Lab.Running;

/// <summary>Takes the first part of a run from the run that it forks from.</summary>
internal static class Fork
{
    /// <summary>
    /// If the steps before the fork cannot be computed here, the parent must exist; checked before the folder is
    /// created.
    /// </summary>
    /// <exception cref="SpecException">There is no such parent, it has no such checkpoint, or it is a different
    /// run.</exception>
    public static void Require(RunSpec spec, RunFolder folder)
    {
        if (spec.Fork is not { OtherChunk: true } fork)
            return;
        var parent = folder.GetSibling(fork.Parent);
        if (parent.Status == RunStatus.Missing)
            throw new SpecException([
                new(
                    "fork.parent",
                    $"{parent.Path} does not exist, and with fork.other_chunk only it has the steps "
                        + "before fork.step"
                ),
            ]);
        var steps = Checkpoints.Steps(parent);
        if (!steps.Contains(fork.Step))
            throw new SpecException([
                new(
                    "fork.step",
                    $"{fork.Parent} has no checkpoint of step {fork.Step}; it has "
                        + $"{(steps.Count == 0 ? "none" : string.Join(", ", steps))}"
                ),
            ]);
        Check(spec, parent);
    }

    /// <summary>Copies the parent's part into a folder without a checkpoint to resume from.</summary>
    /// <returns>A description of what was done, for the session's history.</returns>
    /// <exception cref="SpecException">The parent is a run with different steps before the fork.</exception>
    public static string Take(RunSpec spec, RunFolder folder, EigenvectorFiles vectors)
    {
        var fork = spec.Fork!;
        var parent = folder.GetSibling(fork.Parent);
        Require(spec, folder);
        if (parent.Status == RunStatus.Missing)
            return $"{fork.Parent} does not exist; this run starts at its initialization";
        Check(spec, parent);
        var missing = ForkFiles.Copy(parent, folder, fork.Step, () => vectors.TakeFrom(parent, fork.Step));
        if (missing is not null && fork.OtherChunk)
            throw new SpecException([
                new("fork.parent", $"{fork.Parent} has no checkpoint to resume from ({missing})"),
            ]);
        return missing is null
            ? $"resumes from the checkpoint of step {fork.Step} of {fork.Parent}"
            : $"{fork.Parent} has no checkpoint to resume from ({missing}); this run starts at its initialization";
    }

    /// <summary>Refuses a fork that would differ from the same run trained from its initialization.</summary>
    private static void Check(RunSpec child, RunFolder folder)
    {
        var fork = child.Fork!;
        var run = RunReader.Open(folder.Path);
        var read = SpecReader.ReadText(run.ReadSpecText(), run.Folder.Spec);
        var parent = read with { Device = run.ReadEnvironment()?.Device ?? read.Device }; // what "auto" meant there
        var (ours, theirs) = (
            SpecText.Write(Prefix(child, fork)).Split('\n'),
            SpecText.Write(Prefix(parent, fork)).Split('\n')
        );
        var differences = ours.Zip(theirs)
            .Where(pair => pair.First != pair.Second)
            .Select(pair => $"{pair.Second} there, {pair.First} here")
            .ToArray();
        if (differences.Length > 0)
            throw new SpecException([
                new(
                    "fork.parent",
                    $"{fork.Parent} is another run before step {fork.Step}: {string.Join("; ", differences)}"
                ),
            ]);
        if (child.Training.Until.Any)
            CheckEnd(child, run);
    }

    /// <summary>Refuses a run that ends before its fork, because it would have nothing to continue from.</summary>
    private static void CheckEnd(RunSpec child, RunReader run)
    {
        var (fork, end) = (child.Fork!, new EndTracker(child.Training));
        end.Replay(
            run.ReadSteps().Where(step => step.Step < fork.Step),
            run.ReadCurvature().Where(record => record.Step < fork.Step)
        );
        if (end.Last < fork.Step)
        {
            throw new SpecException([
                new(
                    "fork.step",
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{fork.Step} is after the end of this run: {end.Reason}, so step {end.Last} is "
                            + $"its last; "
                    ) + "fork earlier, or change training.until"
                ),
            ]);
        }
    }

    /// <summary>Returns what determines the steps before the fork, in one form.</summary>
    private static RunSpec Prefix(RunSpec spec, ForkSpec fork) =>
        spec with
        {
            Name = "prefix",
            Fork = null,
            Keeping = new KeepingSpec(),
            Objective = spec.Objective with { CacheMegabytes = 0, Chunk = fork.OtherChunk ? 0 : spec.Objective.Chunk },
            Training = spec.Training with
            {
                Steps = spec.Training.Decay == DecayNames.Cosine ? spec.Training.Steps : 0,
                Time = 0,
                Until = StopConditions.None, // a fork that would have ended earlier is refused when it begins
                Schedule = [.. spec.Training.Schedule.Where(change => change.Step < fork.Step)],
            },
        };
}
