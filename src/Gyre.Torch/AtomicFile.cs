namespace Gyre.Torch;

/// <summary>Files that other processes see whole or not at all.</summary>
internal static class AtomicFile
{
    /// <summary>
    /// Writes beside <paramref name="target"/> under a hidden name, flushes to the disk and renames. Where anything
    /// fails, the full disk included,
    /// the target is as it was before and the file beside it is gone. Safe when several processes write the same
    /// target: the last one wins.
    /// </summary>
    /// <param name="target">Path of the file; its folder must exist.</param>
    /// <param name="bytes">Its exact length; the space is claimed first, so that a full disk is noticed before any
    /// work.</param>
    /// <param name="write">Writes the content.</param>
    /// <exception cref="IOException">The disk is full, or the folder cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder cannot be written.</exception>
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
