using Gyre.Lab.Runs;

namespace Gyre.Lab.Experiments;

/// <summary>Takes a run's first part from the run it forks from.</summary>
internal static class Fork
{
    /// <summary>Copies the parent's part into a folder that has no checkpoint it could go on from.</summary>
    /// <returns>What was done, for the session's history.</returns>
    /// <exception cref="SpecException">The parent is a run that would have gone otherwise before the fork.</exception>
    public static string Take(RunSpec spec, RunFolder folder, EigenvectorFiles vectors)
    {
        var fork = spec.Fork!;
        var parent = folder.Beside(fork.Parent);
        if (parent.Status == RunStatus.Missing)
            return $"{fork.Parent} is not there; this run begins at its initialisation";
        Check(spec, SpecReader.ReadText(RunReader.Open(parent.Path).SpecText));
        var missing = ForkFiles.Copy(parent, folder, fork.Step, () => vectors.TakeFrom(parent, fork.Step));
        return missing is null
            ? $"goes on from the checkpoint of step {fork.Step} of {fork.Parent}"
            : $"{fork.Parent} has no checkpoint to go on from ({missing}); this run begins at its initialisation";
    }

    /// <summary>A fork is what the run would be if it were trained from its initialisation, or it is refused.</summary>
    private static void Check(RunSpec child, RunSpec parent)
    {
        var (ours, theirs) = (SpecText.Write(Prefix(child, child.Fork!.Step)).Split('\n'), SpecText.Write(Prefix(parent, child.Fork.Step)).Split('\n'));
        var differences = ours.Zip(theirs).Where(pair => pair.First != pair.Second).Select(pair => $"{pair.Second} there, {pair.First} here").ToArray();
        if (differences.Length > 0)
            throw new SpecException([new("fork.parent", $"{child.Fork.Parent} is another run before step {child.Fork.Step}: {string.Join("; ", differences)}")]);
    }

    /// <summary>What decides the steps before the fork, in one form.</summary>
    private static RunSpec Prefix(RunSpec spec, int step) => spec with
    {
        Name = "prefix",
        Fork = null,
        Keeping = new KeepingSpec(1, 0, 1, [], 0),
        Objective = spec.Objective with { CacheMegabytes = 0 },
        Training = spec.Training with
        {
            Steps = spec.Training.Decay == "cosine" ? spec.Training.Steps : 0,
            Time = 0,
            Schedule = [.. spec.Training.Schedule.Where(change => change.Step < step)],
        },
    };
}
