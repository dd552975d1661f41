namespace Gyre.Torch;

/// <summary>Writes files that other processes see either complete or not at all.</summary>
internal static class AtomicFile
{
    /// <summary>
    /// Writes to a hidden file next to <paramref name="target"/>, flushes it to the disk and renames it. If anything
    /// fails, a full disk included, the target is unchanged and the hidden file is removed. Safe when several
    /// processes write the same target: the last one wins.
    /// </summary>
    /// <param name="target">The path of the file; its folder must exist.</param>
    /// <param name="bytes">The file's exact length. The space is allocated first, so that a full disk is noticed
    /// before any work.</param>
    /// <param name="write">Writes the content.</param>
    /// <exception cref="IOException">The disk is full, or the folder is not writable.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder is not writable.</exception>
    public static void Write(string target, long bytes, Action<Stream> write)
    {
        var full = Path.GetFullPath(target);
        var beside = Path.Combine(Path.GetDirectoryName(full)!, $".{Path.GetFileName(full)}.{Guid.NewGuid():N}.tmp");
        try
        {
            var options = new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                PreallocationSize = bytes,
                BufferSize = 1 << 16,
            };
            using (var stream = new FileStream(beside, options))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }
            File.Move(beside, full, overwrite: true);
        }
        catch
        {
            Remove(beside);
            throw;
        }
    }

    private static void Remove(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The failure that led here is the one to report.
        }
    }
}
