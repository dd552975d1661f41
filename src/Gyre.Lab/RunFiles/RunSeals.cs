using Gyre.Torch;

namespace Gyre.Lab.RunFiles;

/// <summary>
/// Compares a folder's files with their seals: those of the summary for a finished run, by length only, and those of
/// the latest checkpoint for an unfinished one. <see cref="RunFlaws"/> reads the files whole.
/// </summary>
internal static class RunSeals
{
    /// <summary>
    /// Returns one sentence, with the file's name, per file that is missing or whose length differs from its seal in
    /// the summary. Cost: one file system call per file.
    /// </summary>
    public static IReadOnlyList<string> Lengths(RunFolder folder, SummaryRecord summary)
    {
        ArgumentNullException.ThrowIfNull(folder);
        return [.. folder.Replayed.Select(path => Length(path, Find(path, summary))).OfType<string>()];
    }

    /// <summary>Returns the seal of a file; null if the summary has none, as in earlier versions.</summary>
    internal static FileSeal? Find(string path, SummaryRecord? summary) =>
        summary?.Files?.FirstOrDefault(seal => seal?.Name == Path.GetFileName(path));

    /// <summary>
    /// Returns one sentence per file of an unfinished run that is shorter than at the latest checkpoint, or differs.
    /// Cost: each file is read up to that point.
    /// </summary>
    internal static IReadOnlyList<string> SinceCheckpoint(RunFolder folder)
    {
        if (Checkpoints.Steps(folder) is not [var latest, ..])
            return [];
        try
        {
            var metadata = Safetensors.Describe(Checkpoints.PathOf(folder, latest)).Metadata;
            return [.. folder.Replayed.Select(path => Against(path, latest, metadata)).OfType<string>()];
        }
        catch (SafetensorsException error)
        {
            return [error.Message];
        }
    }

    private static string? Length(string path, FileSeal? seal)
    {
        var (file, name) = (new FileInfo(path), Path.GetFileName(path));
        if (!file.Exists)
            return Directory.Exists(path)
                ? $"{name} is a folder, not a file."
                : $"{name} is missing, although the run is finished.";
        return seal is null || file.Length == seal.Bytes
            ? null
            : $"{name} has changed since the run ended: {Counted.Format(file.Length, "byte")}, "
                + $"{Counted.Format(seal.Bytes, "byte")} then.";
    }

    private static string? Against(string path, long step, IReadOnlyDictionary<string, string> metadata)
    {
        try
        {
            Checkpoints.LengthOf(path, step, metadata);
            return null;
        }
        catch (RunFolderException error)
        {
            return error.Message;
        }
    }
}
