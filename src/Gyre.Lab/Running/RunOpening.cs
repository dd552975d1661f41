using Gyre.Lab.Measuring;
using Gyre.Lab.Mpi;
using Gyre.Lab.RunFiles;
using Gyre.Torch;
using static TorchSharp.torch;

namespace Gyre.Lab.Running;

/// <summary>
/// Brings a run to the step with which it begins: that of its latest checkpoint, of the run it forks from, or 0. The
/// first rank opens the files and chooses the checkpoint; all ranks load it.
/// </summary>
internal sealed class RunOpening(
    RunSetup setup,
    RunFolder folder,
    RankGroup ranks,
    RunState state,
    RunTrackers trackers,
    EigenvectorFiles vectors,
    RunJournal journal
)
{
    /// <summary>
    /// Whether the step of a checkpoint is already done when the checkpoint is written, as it is if theta comes from
    /// elsewhere; otherwise it is the next step to do.
    /// </summary>
    public bool HoldsDoneStep { get; init; }

    /// <summary>Opens the run; returns the step of the checkpoint that it resumes from, or null.</summary>
    public long? Begin()
    {
        using var scope = NewDisposeScope();
        var opened = ranks.RunTogether(() => ranks.Leads ? PrepareFiles() : null);
        var first = ranks.Agree(opened?.Step ?? 0)[0];
        var checkpoint = ranks.RunTogether(() => ranks.Leads || first == 0 ? opened : ReadShared(first));
        setup.CheckShared();
        foreach (var remark in ranks.Leads ? setup.Remarks : [])
            journal.Note(SessionRecord.DataKind, checkpoint?.Step ?? 0, remark);
        if (checkpoint is null)
        {
            Start();
            return null;
        }
        ranks.RunTogether(() => Restore(checkpoint));
        journal.Note(SessionKinds.Resumed, checkpoint.Step, $"from the checkpoint of step {checkpoint.Step}");
        return checkpoint.Step;
    }

    /// <summary>Opens the run's files for writing; returns the checkpoint to which they were cut, or null.</summary>
    private Checkpoint? PrepareFiles()
    {
        var skipped = new List<string>();
        var checkpoint = Checkpoints.ReadLatest(folder, skipped.Add);
        var forked = setup.Spec.Fork is not null && checkpoint is null ? Fork.Take(setup.Spec, folder, vectors) : null;
        if (forked is not null)
            checkpoint = Checkpoints.ReadLatest(folder, _ => { });
        journal.Open(checkpoint?.Lengths ?? new Dictionary<string, long>());
        var step = checkpoint?.Step ?? 0;
        foreach (var reason in skipped)
            journal.Note(SessionKinds.Skipped, step, reason);
        if (forked is not null)
            journal.Note(SessionKinds.Forked, step, forked);
        if (NativeMemory.UsedBytes(setup.Objective.Layout.Device) is null)
            journal.Note(
                SessionKinds.Memory,
                step,
                "the memory in use on the device is unknown: no gradient graph is kept, and "
                    + "products cost one more gradient"
            );
        return checkpoint;
    }

    /// <summary>Reads the checkpoint that the first rank begins from, as this rank sees it.</summary>
    private Checkpoint ReadShared(long step) =>
        File.Exists(Checkpoints.PathOf(folder, step))
            ? Checkpoints.Read(folder, step)
            : throw new RankGroupException(
                $"Rank {ranks.Rank} on {Environment.MachineName} cannot see "
                    + $"{Checkpoints.PathOf(folder, step)}, from which the first rank resumes. The run folder must "
                    + "be on a file system that all nodes share; choose one with --out."
            );

    /// <summary>Starts a run from its initialization; the objective must be a fixed function.</summary>
    private void Start()
    {
        var exact = setup.CheckObjective();
        journal.Note(
            SessionKinds.Started,
            0,
            exact
                ? "two evaluations of loss and gradient agree bit for bit"
                : "two evaluations of loss and gradient agree only up to rounding: a resumed run may differ "
                    + "in last digits"
        );
    }

    /// <summary>
    /// Loads a checkpoint and replays the records before it. Later lines are left out, because another node may still
    /// see them after the first rank has cut them off.
    /// </summary>
    private bool Restore(Checkpoint checkpoint)
    {
        var records = RunReader.Open(folder.Path);
        var end = HoldsDoneStep ? checkpoint.Step + 1 : checkpoint.Step;
        var steps = records.ReadSteps().Where(one => one.Step < end).ToArray();
        var curvature = records.ReadCurvature().Where(one => one.Step < end).ToArray();
        state.Restore(checkpoint.Tensors, curvature);
        trackers.Replay(steps, curvature);
        return true;
    }
}
