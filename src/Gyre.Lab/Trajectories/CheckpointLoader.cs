using Gyre.Lab.Models;
using Gyre.Lab.Optimizers;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Running;
using Gyre.Torch.Weights;
using static TorchSharp.torch;

namespace Gyre.Lab.Trajectories;

/// <summary>A checkpoint whose numbers are in the network and the optimizer now.</summary>
/// <param name="Source">For the record of its step.</param>
/// <param name="Notes">What was converted or left out, a sentence each.</param>
/// <param name="Updates">Updates that its optimizer counts; null where it does not.</param>
internal sealed record LoadedCheckpoint(CheckpointSourceRecord Source, IReadOnlyList<string> Notes, long? Updates);

/// <summary>Puts checkpoints into the network and the optimizer of a run: this program's own, and PyTorch's.</summary>
internal sealed class CheckpointLoader(RunSetup setup)
{
    /// <summary>The state that a rule divides by, as <see cref="Optimizer.State"/> calls it.</summary>
    private const string Squares = "squares";

    private bool _remarks = true; // on the first checkpoint alone

    private bool Preconditions => OptimizerCatalog.Get(setup.Spec.Optimizer.Name).Preconditions;

    /// <summary>Reads a checkpoint into the network, and the optimizer's state where its edge needs it.</summary>
    /// <param name="file">The checkpoint.</param>
    /// <param name="rate">eta at its step.</param>
    /// <exception cref="TrajectoryException">It cannot be read, or is not of this network.</exception>
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

    /// <summary>Puts weights into the network; returns what was changed on the way, the same of every checkpoint.</summary>
    private List<string> Put(WeightsContent content)
    {
        var notes = NetworkWeights.Load(setup.Model, content, offersPartial: false);
        return content.Form == WeightsForm.Checkpoint
            ? []
            : [.. notes.Select(note => note.Replace($"{content.Path}: ", "", StringComparison.Ordinal))];
    }

    /// <summary>The state of a run's own optimizer; returns the updates it counts.</summary>
    private long? TakeOwn(WeightsContent content, CheckpointFile file)
    {
        if (Preconditions)
            Remember(
                content.Tensors.GetValueOrDefault($"optimizer.{Squares}")
                    ?? throw new TrajectoryException(
                        $"{file.Path} is of a run whose optimizer does not divide by anything; set optimizer.name to the "
                            + $"rule of that run in place of \"{setup.Spec.Optimizer.Name}\"."
                    )
            );
        return file.Step;
    }

    /// <summary>The state of PyTorch's optimizer; returns the updates it counts, where it is needed.</summary>
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

    /// <summary>Gives the optimizer the mean of squared gradients.</summary>
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
