using Gyre.Lab.RunFiles;
using Gyre.Lab.Specs;
using Gyre.Torch.Weights;

namespace Gyre.Lab.Trajectories;

/// <summary>
/// Supplies the checkpoints of a training one after another: those that exist, or each as it appears.
/// </summary>
/// <param name="spec">The places of the checkpoints.</param>
/// <param name="watches">Whether to wait for more.</param>
/// <param name="time">The clock for how long a file has been unchanged.</param>
internal sealed class TrajectorySource(MeasuredSpec spec, bool watches, TimeProvider time)
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(500);

    private readonly FileRest _rest = new(time);
    private readonly HashSet<long> _measured = [];
    private readonly Dictionary<string, long> _noted = new(StringComparer.Ordinal);
    private Action<long, string>? _listener;

    /// <summary>Whether a stop request completes the run instead of interrupting it.</summary>
    public bool EndsWhenStopped => watches;

    /// <summary>
    /// Sets the listener that is called, at once, for each checkpoint that is skipped, with the reason.
    /// </summary>
    public void Tell(Action<long, string> listener)
    {
        _listener = listener;
        foreach (var (sentence, step) in _noted)
            listener(step, sentence);
    }

    /// <summary>Adds what a run has measured already.</summary>
    /// <exception cref="TrajectoryException">A measured checkpoint is a different file now.</exception>
    public void Begin(IReadOnlyList<StepRecord> measured)
    {
        ArgumentNullException.ThrowIfNull(measured);
        _measured.UnionWith(measured.Select(step => step.Step));
        RequireSame(spec, measured);
    }

    /// <summary>
    /// Refuses to continue if a measured checkpoint is a different file now. Costs one read of every file.
    /// </summary>
    /// <param name="spec">The places of the checkpoints.</param>
    /// <param name="measured">The records of the measured steps.</param>
    /// <exception cref="TrajectoryException">A measured checkpoint is a different file now.</exception>
    public static void RequireSame(MeasuredSpec spec, IReadOnlyList<StepRecord> measured)
    {
        ArgumentNullException.ThrowIfNull(measured);
        var sums = measured
            .Where(step => step.Checkpoint is not null)
            .ToDictionary(step => step.Step, step => step.Checkpoint!.Sha256);
        foreach (var now in CheckpointList.From(spec).Files)
        {
            if (sums.TryGetValue(now.Step, out var sum) && WeightsFile.Sha256(now.Weights) != sum)
                throw new TrajectoryException(
                    $"{now.Path} is not the checkpoint of step {now.Step} that was measured: its SHA-256 differs. The "
                        + "checkpoints belong to another training now. Choose another folder with --out, or restore the checkpoints."
                );
        }
    }

    /// <summary>Returns the next checkpoint; null if there is none, or a stop was requested.</summary>
    /// <param name="last">The step measured last; null if there is none.</param>
    /// <param name="stop">Ends the wait.</param>
    /// <exception cref="SpecException">The names have become ambiguous.</exception>
    public CheckpointFile? FindNext(long? last, CancellationToken stop)
    {
        if (last is { } done)
            _measured.Add(done);
        while (!stop.IsCancellationRequested)
        {
            var found = CheckpointList.From(spec);
            if (!watches && found.Mistakes.Count > 0)
                throw new SpecException(found.Mistakes);
            Report(found, last);
            var next = found.Files.FirstOrDefault(file => !(file.Step <= last) && !_rest.IsPassedOver(file));
            if (!watches || (next is not null && IsReady(next)))
                return next;
            stop.WaitHandle.WaitOne(Look);
        }
        return null;
    }

    /// <summary>
    /// Skips a checkpoint that cannot be read if others may follow; returns whether it was skipped.
    /// </summary>
    /// <param name="file">The checkpoint.</param>
    /// <param name="why">A sentence that names the checkpoint.</param>
    public bool PassesOver(CheckpointFile file, string why)
    {
        if (!watches)
            return false;
        _rest.PassOver(file);
        Say(file.Step, why);
        return true;
    }

    private bool IsReady(CheckpointFile file)
    {
        if (_rest.IsComplete(file))
            return true;
        if (!_rest.IsAbandoned(file))
            return false;
        _rest.PassOver(file);
        Say(
            file.Step,
            $"{file.Path} is not complete and has not changed for {FileRest.Patience.TotalSeconds:0} seconds. It is "
                + "measured if it changes before a later one is"
        );
        return false;
    }

    private void Report(CheckpointList found, long? last)
    {
        foreach (var file in found.Files.Where(file => file.Step < last && !_measured.Contains(file.Step)))
            Say(
                file.Step,
                $"{file.Path} is not measured: step {file.Step} is before one that is already measured. Another run "
                    + "folder (--out) can have all of them in order"
            );
        foreach (var sentence in watches ? found.Mistakes.Select(one => $"{one}").Concat(found.LeftOut) : [])
            Say(last ?? 0, sentence);
    }

    private void Say(long step, string sentence)
    {
        if (_noted.TryAdd(sentence, step))
            _listener?.Invoke(step, sentence);
    }
}
