using Gyre.Torch;

namespace Gyre.Lab.RunFiles;

/// <summary>
/// The lock held by the one process that writes to a run or sweep folder. The operating system releases it when the
/// process dies, for any reason.
/// </summary>
internal sealed class RunLock : IDisposable
{
    private readonly FileStream _stream;

    private RunLock(FileStream stream) => _stream = stream;

    /// <summary>Takes the lock of a run without waiting.</summary>
    /// <exception cref="RunFolderException">Another process holds it, or the folder cannot be written.</exception>
    public static RunLock Take(RunFolder folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        folder.Hold();
        return Take(
            folder.Lock,
            () =>
            {
                var holder = RunReader
                    .Open(folder.Path)
                    .ReadSessions()
                    .LastOrDefault(session => session.Kind is SessionKinds.Started or SessionKinds.Resumed);
                return $"Another process{(holder is null ? "" : $" (number {holder.Process})")} works on "
                    + $"{folder.Path}. Wait for it, stop it, or set another seed or name.";
            }
        );
    }

    /// <summary>Takes the lock of a sweep without waiting.</summary>
    /// <exception cref="RunFolderException">Another process holds it, or the folder cannot be written.</exception>
    public static RunLock Take(SweepFolder folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        folder.Hold();
        return Take(
            folder.Lock,
            () =>
                $"Another process works on {folder.Path}. `--status` prints its progress. Wait for it, stop "
                + "it, or give the sweep another name."
        );
    }

    private static RunLock Take(string path, Func<string> held)
    {
        if (new FileInfo(path).LinkTarget is { } target)
            throw new RunFolderException(
                $"{path} is a link to {PlainText.Line(target)}: a lock elsewhere does not protect this "
                    + "folder. Remove it."
            );
        try
        {
            return TryOpen(path)
                ?? TryOpen(path)
                ?? throw new IOException("it was in use a moment ago and is free now; give the same command again.");
        }
        catch (IOException) when (IsHeld(path))
        {
            throw new RunFolderException(held()) { Busy = true };
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new RunFolderException(
                $"{path} cannot be created: {error.Message.TrimEnd('.')}. {FileFault.Cure(error)}",
                error
            );
        }
    }

    /// <summary>
    /// Opens the lock file; null if the lock was held only for a moment, as it is while another process checks it.
    /// </summary>
    private static RunLock? TryOpen(string path)
    {
        try
        {
            return new RunLock(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException error) when (IsSharing(error) && !IsHeld(path))
        {
            return null;
        }
    }

    /// <summary>Whether any process holds the lock now.</summary>
    public static bool IsHeld(RunFolder folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        return IsHeld(folder.Lock);
    }

    /// <summary>Whether any process runs the sweep now.</summary>
    public static bool IsHeld(SweepFolder folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        return IsHeld(folder.Lock);
    }

    private static bool IsHeld(string path)
    {
        if (!File.Exists(path))
            return false;
        try
        {
            using var free = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return false;
        }
        catch (IOException error)
        {
            return IsSharing(error);
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>
    /// Whether the failure means that another process has the file open, rather than that the file system is
    /// read-only or gone.
    /// </summary>
    private static bool IsSharing(IOException error) =>
        error.HResult
            is unchecked((int)0x80070020) // ERROR_SHARING_VIOLATION of Windows
                or 11 // EWOULDBLOCK of Linux
                or 35; // EWOULDBLOCK of macOS

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();
}
