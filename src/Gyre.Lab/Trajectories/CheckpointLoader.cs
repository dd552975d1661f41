using System.Security.Cryptography;
using Gyre.Lab.Optimizers;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Running;
using Gyre.Torch;
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

    private bool Preconditions => OptimizerCatalog.Get(setup.Spec.Optimizer.Name).Preconditions;

    /// <summary>Reads a checkpoint into the network, and the optimizer's state where its edge needs it.</summary>
    /// <exception cref="TrajectoryException">It cannot be read, or is not of this network.</exception>
    public LoadedCheckpoint Load(CheckpointFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        if (FileKind.Special(file.Weights) is { } kind)
            throw new TrajectoryException($"{file.Weights} is {kind}, not a file of weights.");
        using var scope = NewDisposeScope();
        using var none = no_grad();
        try
        {
            var source = new CheckpointSourceRecord(file.Name, Sha256(file.Weights));
            return Checkpoints.IsNamed(file.Weights) ? LoadOwn(file, source) : LoadNamed(file, source);
        }
        catch (Exception error)
            when (error is SafetensorsException or RunFolderException or IOException or UnauthorizedAccessException)
        {
            throw new TrajectoryException($"{file.Path} cannot be measured: {error.Message}", error);
        }
    }

    /// <summary>SHA-256 of a file, in hexadecimal digits.</summary>
    public static string Sha256(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
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
            Remember(file, tensors.GetValueOrDefault($"optimizer.{Squares}"));
        return new LoadedCheckpoint(source, [], file.Step);
    }

    private LoadedCheckpoint LoadNamed(CheckpointFile file, CheckpointSourceRecord source)
    {
        var content = Safetensors.Read(file.Weights);
        var entries = setup
            .Model.named_parameters()
            .Select(one => (one.name, Tensor: (Tensor)one.parameter))
            .Concat(setup.Model.named_buffers().Select(one => (one.name, Tensor: one.buffer)))
            .ToArray();
        foreach (var (name, tensor) in entries)
        {
            if (!content.Tensors.TryGetValue(name, out var value) || !value.shape.SequenceEqual(tensor.shape))
                throw new TrajectoryException($"{file.Path} does not fit the network at {name}.");
            tensor.copy_(value);
        }
        return new LoadedCheckpoint(source, [], null);
    }

    /// <summary>Gives the optimizer the mean of squared gradients.</summary>
    private void Remember(CheckpointFile file, Tensor? squares)
    {
        var layout = setup.Objective.Layout;
        if (squares is null || squares.numel() != layout.Dimension)
            throw new TrajectoryException(
                $"{file.Path} has no state of an optimizer, and the edge of optimizer.name = "
                    + $"\"{setup.Spec.Optimizer.Name}\" is one of P^-1/2 H P^-1/2 with its P. Save the optimizer's "
                    + "state_dict() beside the weights, or set optimizer.name = \"gd\" to measure H against 2/eta."
            );
        setup.Optimizer.Restore(name =>
            name == Squares
                ? squares.to(layout.Dtype, layout.Device)
                : zeros([layout.Dimension], layout.Dtype, layout.Device)
        );
    }
}
