using Gyre.Torch;
using static TorchSharp.torch;

namespace Gyre.Lab.Runs;

/// <summary>Begins a run folder with the front part of another run: its lines up to a checkpoint, and that checkpoint.</summary>
public static class ForkFiles
{
    /// <summary>
    /// Copies. The checkpoint comes last, so that a copy cut short is a run without a checkpoint, which begins at its initialisation and ends with the same result.
    /// </summary>
    /// <param name="parent">The run that is left; read only.</param>
    /// <param name="child">A begun run folder without a checkpoint, its lock held.</param>
    /// <param name="step">Of the parent's checkpoint.</param>
    /// <returns>Null when done, else the reason why there is nothing to copy.</returns>
    /// <exception cref="RunFolderException">The child cannot be written.</exception>
    public static string? Copy(RunFolder parent, RunFolder child, long step)
    {
        ArgumentNullException.ThrowIfNull(parent);
        ArgumentNullException.ThrowIfNull(child);
        IReadOnlyDictionary<string, long> lengths;
        try
        {
            parent.Check();
            using var scope = NewDisposeScope();
            lengths = Checkpoints.Read(parent, step).Lengths;
        }
        catch (Exception error) when (error is RunFolderException or SafetensorsException)
        {
            return error.Message;
        }
        RunFolder.Guarded(child.Path, () => CopyAll(parent, child, step, lengths));
        return null;
    }

    private static bool CopyAll(RunFolder parent, RunFolder child, long step, IReadOnlyDictionary<string, long> lengths)
    {
        foreach (var (from, to) in parent.Replayed.Zip(child.Replayed))
            WholeFile.Write(to, Front(from, lengths[Path.GetFileName(from)]));
        Directory.CreateDirectory(child.Eigenvectors);
        foreach (var file in Directory.Exists(parent.Eigenvectors) ? Directory.EnumerateFiles(parent.Eigenvectors, "step-*.safetensors") : [])
        {
            if (string.CompareOrdinal(Path.GetFileName(file), Path.GetFileName(Checkpoints.PathOf(parent, step))) < 0)
                WholeFile.Write(Path.Combine(child.Eigenvectors, Path.GetFileName(file)), File.ReadAllBytes(file));
        }
        Directory.CreateDirectory(child.Checkpoints);
        WholeFile.Write(Checkpoints.PathOf(child, step), File.ReadAllBytes(Checkpoints.PathOf(parent, step)));
        return true;
    }

    private static byte[] Front(string path, long length)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var bytes = new byte[length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
