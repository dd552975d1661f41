using Gyre.Torch;

namespace Gyre.Lab.RunFiles;

/// <summary>
/// What one look tells of a folder's files: whether they are there and as long as they were when they were sealed, by
/// the summary of a finished run and by the latest checkpoint of another. <see cref="RunFlaws"/> reads them whole.
/// </summary>
internal static class RunSeals
{
    /// <summary>
    /// One sentence a file, by its name, that is not as the summary sealed it. Cost: a call of the file system a file.
    /// </summary>
    public static IReadOnlyList<string> Lengths(RunFolder folder, SummaryRecord summary)
    {
        ArgumentNullException.ThrowIfNull(folder);
        return [.. folder.Replayed.Select(path => Length(path, Find(path, summary))).OfType<string>()];
    }

    /// <summary>The seal of a file; null where the summary holds none, as those of earlier versions.</summary>
    internal static FileSeal? Find(string path, SummaryRecord? summary) =>
        summary?.Files?.FirstOrDefault(seal => seal?.Name == Path.GetFileName(path));

    /// <summary>
    /// One sentence a file of an unfinished run that is shorter or other than at the latest checkpoint. Cost: each file
    /// is read up to there.
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
