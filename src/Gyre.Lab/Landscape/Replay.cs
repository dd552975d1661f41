using System.Globalization;
using Gyre.Lab.Objectives;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Running;
using Gyre.Torch;
using static TorchSharp.torch;

namespace Gyre.Lab.Landscape;

/// <summary>
/// Repeats a part of a run's training. The loop is deterministic, so on the machine of the run this gives the run's
/// own trajectory. No other class in this folder depends on how a step is made.
/// </summary>
/// <param name="setup">The setup of the run's spec; its theta is moved.</param>
/// <param name="run">The run's files.</param>
internal sealed class Replay(RunSetup setup, RunReader run) : IDisposable
{
    private readonly RunUpdates _updates = new(setup);

    /// <summary>
    /// The difference that <see cref="Objective.SelfCheck"/> allows between two evaluations, in units of the largest
    /// loss.
    /// </summary>
    private static readonly (double Float64, double Float32) Rounding = (1e-10, 1e-4);

    private readonly Dictionary<long, double> _rates = run.EachStep()
        .ToDictionary(record => record.Step, record => record.LearningRate);

    /// <summary>Returns eta of the update from a step, as recorded by the run.</summary>
    public double Rate(long step) => _rates[step];

    /// <summary>
    /// Returns theta of the steps from the first to the last, each <c>[n]</c> with its loss, in the caller's dispose
    /// scope, and the comparison of the replayed losses with the recorded ones.
    /// </summary>
    /// <param name="first">First step to return.</param>
    /// <param name="last">Last step to return; it is in steps.jsonl.</param>
    /// <param name="say">Receives progress messages.</param>
    /// <param name="stop">Ends the replay at the next step.</param>
    /// <exception cref="LandscapeException">The losses differ from the recorded ones.</exception>
    /// <exception cref="OperationCanceledException">The replay was stopped.</exception>
    public (IReadOnlyList<Iterate> Iterates, ReplayRecord Record) Between(
        long first,
        long last,
        Action<string> say,
        CancellationToken stop
    )
    {
        var from = Begin(first);
        say(FormattableString.Invariant($"repeating the training from step {from} to {last}"));
        var iterates = new List<Iterate>();
        var losses = new Dictionary<long, double>();
        for (var step = from; step <= last; step++)
        {
            stop.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            if (step >= first)
                iterates.Add(
                    new Iterate(
                        step,
                        setup
                            .Objective.Layout.Flatten(setup.Objective.Parameters)
                            .detach()
                            .clone()
                            .MoveToOuterDisposeScope()
                    )
                );
            using var graph = _updates.NeedsGraph ? setup.Objective.Linearize(setup.Spec.Objective.CacheBytes) : null;
            var value = graph?.Value ?? setup.Objective.Evaluate();
            losses[step] = value.Loss;
            if (step >= first)
                iterates[^1] = iterates[^1] with { Loss = value.Loss };
            if (step < last)
                setup.Optimizer.Apply(_updates.Next(step, graph, value, Rate(step)).Vector);
        }
        return (iterates, Compared(from, losses));
    }

    public void Dispose() => _updates.Dispose();

    /// <summary>
    /// Restores the newest intact checkpoint at or before a step, or keeps the initialization, and returns its step.
    /// </summary>
    private long Begin(long first)
    {
        foreach (var step in Checkpoints.Steps(run.Folder).Where(step => step <= first))
        {
            using var scope = NewDisposeScope();
            if (Read(step) is not { } tensors)
                continue;
            _updates.Restore(tensors);
            return step;
        }
        return 0;
    }

    private IReadOnlyDictionary<string, Tensor>? Read(long step)
    {
        try
        {
            return Checkpoints.Read(run.Folder, step).Tensors;
        }
        catch (Exception error) when (error is SafetensorsException or RunFolderException)
        {
            return null; // an older checkpoint, or the initialization, serves as well
        }
    }

    private ReplayRecord Compared(long from, Dictionary<long, double> losses)
    {
        var allowed = setup.Objective.Layout.Dtype == ScalarType.Float64 ? Rounding.Float64 : Rounding.Float32;
        var pairs = run.EachStep()
            .Where(record => losses.ContainsKey(record.Step))
            .Select(record => (record.Step, Recorded: record.Loss, Replayed: losses[record.Step]))
            .ToArray();
        var scale = pairs.Max(pair => Math.Abs(pair.Recorded));
        double Apart((long Step, double Recorded, double Replayed) pair) =>
            pair.Recorded.Equals(pair.Replayed) ? 0 : Math.Abs(pair.Replayed - pair.Recorded) / scale;
        var (step, recorded, replayed) = pairs.MaxBy(Apart);
        var largest = Apart((step, recorded, replayed));
        if (!(largest <= allowed))
            throw new LandscapeException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"Repeating the training from step {from} gives the loss {replayed} at step {step}, but the run "
                        + $"recorded {recorded}: this is not the same trajectory. "
                )
                    + "Plot it on the machine and with the version of gyre that made the run (see its "
                    + "environment.json), or repeat the run here."
            );
        return new ReplayRecord(from, pairs.Length, largest, allowed);
    }
}

/// <summary>theta of one step.</summary>
/// <param name="Theta"><c>[n]</c></param>
internal sealed record Iterate(long Step, Tensor Theta)
{
    /// <summary>L at this theta.</summary>
    public double Loss { get; init; } = double.NaN;
}
