using Gyre.Torch;
using static TorchSharp.torch;

namespace Gyre.Lab.RunFiles;

/// <summary>
/// Begins a run folder with the first part of another run: its lines up to a checkpoint, and that checkpoint.
/// </summary>
internal static class ForkFiles
{
    /// <summary>
    /// Copies the files. The checkpoint comes last, so that an interrupted copy leaves a run without a checkpoint,
    /// which begins at its initialization and reaches the same result.
    /// </summary>
    /// <param name="parent">The run to fork from; only read.</param>
    /// <param name="child">A run folder that has begun and has no checkpoint to resume from; its lock is
    /// held.</param>
    /// <param name="step">Step of the parent's checkpoint.</param>
    /// <param name="between">Runs before the checkpoint is written, to copy anything else that the child takes from
    /// the parent.</param>
    /// <returns>Null on success, otherwise the reason why nothing was copied.</returns>
    /// <exception cref="RunFolderException">The child's folder cannot be written.</exception>
    public static string? Copy(RunFolder parent, RunFolder child, long step, Action between)
    {
        ArgumentNullException.ThrowIfNull(parent);
        ArgumentNullException.ThrowIfNull(child);
        ArgumentNullException.ThrowIfNull(between);
        Parts parts;
        try
        {
            // Read everything before writing anything: a parent that is resumed in the meantime may cut its files.
            parts = Read(parent, step);
        }
        catch (Exception error)
            when (error is RunFolderException or SafetensorsException or IOException or UnauthorizedAccessException)
        {
            return error.Message;
        }
        try
        {
            RunFolder.Guarded(child.Path, () => Write(parts, child, step, between));
            return null;
        }
        catch (SafetensorsException error)
        {
            return error.Message;
        }
    }

    private static Parts Read(RunFolder parent, long step)
    {
        parent.Check();
        var checkpoint = File.ReadAllBytes(Checkpoints.PathOf(parent, step));
        using var scope = NewDisposeScope();
        var lengths = Checkpoints.Read(parent, step).Lengths;
        return new Parts([.. parent.Replayed.Select(path => Front(path, lengths[Path.GetFileName(path)]))], checkpoint);
    }

    private static bool Write(Parts parts, RunFolder child, long step, Action between)
    {
        foreach (var (path, bytes) in child.Replayed.Zip(parts.Fronts))
            WholeFile.Write(path, bytes);
        between();
        Directory.CreateDirectory(child.Checkpoints);
        WholeFile.Write(Checkpoints.PathOf(child, step), parts.Checkpoint);
        return true;
    }

    private static byte[] Front(string path, long length)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var bytes = new byte[length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private sealed record Parts(byte[][] Fronts, byte[] Checkpoint);
}
