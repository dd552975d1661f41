using Gyre.Lab.Optimizers;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Running;
using Gyre.Torch;
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
            var source = new CheckpointSourceRecord(file.Name, WeightsFile.Sha256(file.Weights));
            return Checkpoints.IsNamed(file.Weights) ? LoadOwn(file, source) : LoadNamed(file, source, rate);
        }
        catch (Exception error)
            when (error
                    is WeightsException
                        or SafetensorsException
                        or RunFolderException
                        or IOException
                        or UnauthorizedAccessException
            )
        {
            throw new TrajectoryException($"{file.Path} cannot be measured: {error.Message}", error);
        }
    }

    private LoadedCheckpoint LoadOwn(CheckpointFile file, CheckpointSourceRecord source)
    {
        var tensors = Checkpoints.Verified(file.Weights).Tensors;
        var layout = setup.Objective.Layout;
        if (!tensors.TryGetValue("theta", out var theta) || theta.numel() != layout.Dimension)
            throw new TrajectoryException(
                $"{file.Path} is of a network with {theta?.numel() ?? 0} parameters; this one has {layout.Dimension}. "
                    + "Measure it with the spec.toml of its own run."
            );
        layout.CopyTo(theta.to(layout.Dtype, layout.Device), setup.Objective.Parameters);
        foreach (var (name, buffer) in setup.Model.named_buffers())
        {
            if (tensors.TryGetValue(RunUpdates.BufferPrefix + name, out var value))
                buffer.copy_(value);
        }
        if (Preconditions)
            Remember(OwnSquares(file, tensors));
        return new LoadedCheckpoint(source, [], file.Step);
    }

    private LoadedCheckpoint LoadNamed(CheckpointFile file, CheckpointSourceRecord source, double rate)
    {
        var content = WeightsFile.Read(file.Weights, withOptimizer: Preconditions || _remarks);
        var notes = new List<string>(NetworkWeights.Put(content, setup.Model));
        var state =
            file.Optimizer is { } path && content.Optimizer is null
                ? WeightsFile.ReadOptimizer(path, notes)
                : content.Optimizer;
        if (_remarks && state is not null)
            notes.AddRange(OptimizerRemarks.Find(state, setup.Spec, rate));
        _remarks = false;
        if (!Preconditions)
            return new LoadedCheckpoint(source, notes, null);
        var memory = OptimizerMemory.Create(state, file, setup);
        Remember(memory.Squares);
        return new LoadedCheckpoint(source, notes, memory.Updates);
    }

    private Tensor OwnSquares(CheckpointFile file, IReadOnlyDictionary<string, Tensor> tensors) =>
        tensors.TryGetValue($"optimizer.{Squares}", out var squares)
            ? squares
            : throw new TrajectoryException(
                $"{file.Path} is of a run whose optimizer does not divide by anything; set optimizer.name to the rule of "
                    + $"that run in place of \"{setup.Spec.Optimizer.Name}\"."
            );

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
