using Gyre.Torch;
using static TorchSharp.torch;

namespace Gyre.Lab.RunFiles;

/// <summary>
/// Begins a run folder with the front part of another run: its lines up to a checkpoint, and that checkpoint.
/// </summary>
internal static class ForkFiles
{
    /// <summary>
    /// Copies. The checkpoint comes last, so that a copy cut short is a run without a checkpoint, which begins at its
    /// initialisation and ends with the same result.
    /// </summary>
    /// <param name="parent">The run that is left; read only.</param>
    /// <param name="child">A begun run folder without a checkpoint to go on from, its lock held.</param>
    /// <param name="step">Of the parent's checkpoint.</param>
    /// <param name="between">Done before the checkpoint is written: what else the child takes from the parent.</param>
    /// <returns>Null when done, else the reason why there is nothing to copy.</returns>
    /// <exception cref="RunFolderException">The child cannot be written.</exception>
    public static string? Copy(RunFolder parent, RunFolder child, long step, Action between)
    {
        ArgumentNullException.ThrowIfNull(parent);
        ArgumentNullException.ThrowIfNull(child);
        ArgumentNullException.ThrowIfNull(between);
        Parts parts;
        try
        {
            // All is read before anything is written: a parent that is resumed meanwhile may cut its files.
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
