using Gyre.Lab.RunFiles;
using Gyre.Lab.Running;
using Gyre.Torch;
using static TorchSharp.torch;

namespace Gyre.Lab.Inspection;

/// <summary>Loads theta from a run's checkpoint.</summary>
internal static class StoredTheta
{
    /// <summary>Copies the checkpoint's theta, and its buffers if it has any, into the network.</summary>
    /// <exception cref="InspectionException">The file is not a checkpoint, is damaged, or belongs to another
    /// network.</exception>
    public static void Load(string path, RunSetup setup)
    {
        using var scope = NewDisposeScope();
        var layout = setup.Objective.Layout;
        var tensors = Read(path);
        if (!tensors.TryGetValue("theta", out var theta))
            throw new InspectionException(
                $"{path} has no parameters: it is not a checkpoint of a run. Those are in RUN/checkpoints."
            );
        if (theta.numel() != layout.Dimension)
            throw new InspectionException(
                $"{path} belongs to a network with {theta.numel()} parameters; this one has {layout.Dimension}. A "
                    + "checkpoint belongs to the spec.toml of its own run."
            );
        layout.CopyTo(theta.to(layout.Dtype, layout.Device), setup.Objective.Parameters);
        using var none = no_grad();
        foreach (var (name, buffer) in setup.Model.named_buffers())
        {
            if (tensors.TryGetValue(RunUpdates.BufferPrefix + name, out var value))
                buffer.copy_(value);
        }
    }

    /// <summary>
    /// Returns the run and the step of a checkpoint inside a run folder, or null. Such a checkpoint must match the
    /// run's own lines.
    /// </summary>
    private static (RunFolder Folder, long Step)? FindInRun(string path)
    {
        var full = Path.GetFullPath(path);
        var folder = new RunFolder(Path.GetDirectoryName(Path.GetDirectoryName(full)) ?? full);
        foreach (var step in Checkpoints.Steps(folder).Where(step => Checkpoints.PathOf(folder, step) == full))
            return (folder, step);
        return null;
    }

    private static IReadOnlyDictionary<string, Tensor> Read(string path)
    {
        try
        {
            return FindInRun(path) is { } run
                ? Checkpoints.Read(run.Folder, run.Step).Tensors
                : Checkpoints.Verified(path).Tensors;
        }
        catch (Exception error)
            when (error is SafetensorsException or RunFolderException or IOException or UnauthorizedAccessException)
        {
            throw new InspectionException($"{path} cannot be read as a checkpoint: {error.Message}", error);
        }
    }
}
