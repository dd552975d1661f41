using Gyre.Lab.Models;
using Gyre.Lab.Optimizers;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Running;
using Gyre.Torch.Weights;
using static TorchSharp.torch;

namespace Gyre.Lab.Trajectories;

/// <summary>A checkpoint whose numbers are now in the network and the optimizer.</summary>
/// <param name="Source">The entry of the checkpoint for the record of its step.</param>
/// <param name="Notes">Notes on what was converted or left out, one sentence each.</param>
/// <param name="Updates">The number of updates that its optimizer counts; null if it does not count.</param>
internal sealed record LoadedCheckpoint(CheckpointSourceRecord Source, IReadOnlyList<string> Notes, long? Updates);

/// <summary>Loads checkpoints of this program and of PyTorch into the network and the optimizer of a run.</summary>
internal sealed class CheckpointLoader(RunSetup setup)
{
    /// <summary>The name in <see cref="Optimizer.State"/> of the state that a rule divides by.</summary>
    private const string Squares = "squares";

    private bool _remarks = true; // only for the first checkpoint

    private bool Preconditions => OptimizerCatalog.Get(setup.Spec.Optimizer.Name).Preconditions;

    /// <summary>Reads a checkpoint into the network, and the optimizer's state if the threshold needs it.</summary>
    /// <param name="file">The checkpoint.</param>
    /// <param name="rate">The learning rate eta at its step.</param>
    /// <exception cref="TrajectoryException">The checkpoint cannot be read, or it belongs to another
    /// network.</exception>
    public LoadedCheckpoint Load(CheckpointFile file, double rate)
    {
        ArgumentNullException.ThrowIfNull(file);
        using var scope = NewDisposeScope();
        using var none = no_grad();
        try
        {
            var content = WeightsFile.Read(file.Weights, withOptimizer: Preconditions || _remarks);
            var notes = Put(content);
            var updates =
                content.Form == WeightsForm.Checkpoint ? TakeOwn(content, file) : TakeState(content, file, rate, notes);
            var source = new CheckpointSourceRecord(file.Name, WeightsFile.Sha256(file.Weights));
            return new LoadedCheckpoint(source, notes, updates);
        }
        catch (Exception error)
            when (error
                    is WeightsException
                        or ModelException
                        or RunFolderException
                        or IOException
                        or UnauthorizedAccessException
            )
        {
            throw new TrajectoryException($"Step {file.Step}: {error.Message}", error);
        }
    }

    /// <summary>
    /// Loads weights into the network; returns what was changed in the process, which is the same for every
    /// checkpoint.
    /// </summary>
    private List<string> Put(WeightsContent content)
    {
        var notes = NetworkWeights.Load(setup.Model, content, offersPartial: false);
        return content.Form == WeightsForm.Checkpoint
            ? []
            : [.. notes.Select(note => note.Replace($"{content.Path}: ", "", StringComparison.Ordinal))];
    }

    /// <summary>Loads the state of a run's own optimizer; returns the number of updates that it counts.</summary>
    private long? TakeOwn(WeightsContent content, CheckpointFile file)
    {
        if (Preconditions)
            Remember(
                content.Tensors.GetValueOrDefault($"optimizer.{Squares}")
                    ?? throw new TrajectoryException(
                        $"{file.Path} belongs to a run without a preconditioner; set optimizer.name to the "
                            + $"rule of that run instead of \"{setup.Spec.Optimizer.Name}\"."
                    )
            );
        return file.Step;
    }

    /// <summary>
    /// Loads the state of PyTorch's optimizer; returns the number of updates that it counts, if it is needed.
    /// </summary>
    private long? TakeState(WeightsContent content, CheckpointFile file, double rate, List<string> notes)
    {
        var state =
            content.Optimizer is null && file.Optimizer is { } path && (Preconditions || _remarks)
                ? WeightsFile.ReadOptimizer(path, notes)
                : content.Optimizer;
        if (_remarks && state is not null)
            notes.AddRange(OptimizerRemarks.Find(state, setup.Spec, rate));
        _remarks = false;
        if (!Preconditions)
            return null;
        var memory = OptimizerMemory.Create(state, file, setup);
        Remember(memory.Squares);
        return memory.Updates;
    }

    /// <summary>Sets the optimizer's mean of squared gradients.</summary>
    private void Remember(Tensor squares)
    {
        var layout = setup.Objective.Layout;
        setup.Optimizer.Restore(name =>
            name == Squares
                ? squares.to(layout.Dtype, layout.Device)
                : zeros([layout.Dimension], layout.Dtype, layout.Device)
        );
    }
}
