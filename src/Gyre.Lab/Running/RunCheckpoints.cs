using Gyre.Lab.Mpi;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Specs;
using static TorchSharp.torch;

namespace Gyre.Lab.Running;

/// <summary>
/// Saves a run between steps: at the steps that the spec gives, by the clock, and when a stop is requested. Any rank
/// may receive a stop request. The first rank has the clock and reports whether its disk still accepts writes. The
/// ranks agree on all of this between steps.
/// </summary>
internal sealed class RunCheckpoints(
    RunSetup setup,
    RunFolder folder,
    TimeProvider time,
    RankGroup ranks,
    RunState state,
    RunTrackers trackers,
    RunJournal journal,
    StepClock clock
)
{
    private readonly KeepingSpec _spec = setup.Spec.Keeping;
    private long _saved;

    /// <summary>Starts the interval until the next checkpoint by the clock.</summary>
    public void StartClock() => _saved = time.GetTimestamp();

    /// <summary>Saves if a checkpoint is due, and returns whether the run stops here.</summary>
    /// <param name="step">The next step to do.</param>
    /// <param name="stop">Checked once per step; a stop request that arrives later takes effect at the next
    /// step.</param>
    public bool SaveIfDue(long step, CancellationToken stop)
    {
        var (stopping, dueByClock) = Agree(stop);
        return Finish(step, step - 1, IsKept(step) || stopping || dueByClock, stopping);
    }

    /// <summary>
    /// Always saves, after a step whose theta came from elsewhere, and returns whether the run stops here.
    /// </summary>
    /// <param name="step">The step that is done.</param>
    /// <param name="stop">As for <see cref="SaveIfDue"/>.</param>
    public bool SaveDone(long step, CancellationToken stop) => Finish(step, step, true, Agree(stop).Stopping);

    private bool Finish(long step, long done, bool due, bool stopping)
    {
        if (due)
            Save(step);
        journal.Append(clock.Take(done));
        if (due)
            journal.RequireWritten();
        if (stopping)
            journal.Note(
                SessionKinds.Interrupted,
                step,
                "stopped from outside at a checkpoint; the same command resumes"
            );
        return stopping;
    }

    /// <summary>
    /// Returns whether to stop and whether a checkpoint is due by the clock; the same on every rank.
    /// </summary>
    private (bool Stopping, bool DueByClock) Agree(CancellationToken stop)
    {
        var due = _spec.CheckpointSeconds > 0 && time.GetElapsedTime(_saved).TotalSeconds >= _spec.CheckpointSeconds;
        var agreed = ranks.Agree(
            stop.IsCancellationRequested ? 1 : 0,
            due && ranks.Leads ? 1 : 0,
            journal.Fault is null ? 0 : 1
        );
        if (agreed[2] > 0)
            journal.RequireWritten();
        return (agreed[0] > 0, agreed[1] > 0);
    }

    private bool IsKept(long step) =>
        step % _spec.CheckpointEvery == 0 || _spec.CheckpointAt.Contains((int)step) || step == trackers.End.Last;

    private void Save(long step)
    {
        using (clock.Time(StepPart.Files))
            journal.Write(writer => Write(writer, step));
        StartClock();
    }

    private void Write(RunWriter writer, long step)
    {
        using var scope = NewDisposeScope();
        using var none = no_grad();
        Checkpoints.Write(folder, writer, step, state.Save(), _spec.KeepCheckpoints, _spec.CheckpointAt);
        journal.Note(SessionKinds.Checkpoint, step, null);
    }
}
