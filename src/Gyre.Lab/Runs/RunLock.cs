namespace Gyre.Lab.Runs;

/// <summary>Held by the one process that writes to a run folder; the operating system releases it when the process dies, however it dies.</summary>
public sealed class RunLock : IDisposable
{
    private readonly FileStream _stream;

    private RunLock(FileStream stream) => _stream = stream;

    /// <summary>Takes the lock at once, or not at all.</summary>
    /// <exception cref="RunFolderException">Another process holds it, or the folder cannot be written.</exception>
    public static RunLock Take(RunFolder folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        try
        {
            return Open(folder) ?? Open(folder) ?? throw new IOException("it was held a moment ago and is free now; give the same command again.");
        }
        catch (IOException) when (IsHeld(folder))
        {
            var holder = RunReader.Open(folder.Path).Sessions.LastOrDefault(session => session.Kind is "started" or "resumed");
            throw new RunFolderException(
                $"Another process{(holder is null ? "" : $" (number {holder.Process})")} works on {folder.Path}. Wait for it, or stop it; or set another seed or name.");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new RunFolderException($"{folder.Lock} cannot be made: {error.Message}", error);
        }
    }

    /// <summary>Null where it was held for a moment only, as it is while another process asks <see cref="IsHeld"/>.</summary>
    private static RunLock? Open(RunFolder folder)
    {
        try
        {
            return new RunLock(new FileStream(folder.Lock, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException) when (File.Exists(folder.Lock) && !IsHeld(folder))
        {
            return null;
        }
    }

    /// <summary>Whether some process holds the lock now.</summary>
    public static bool IsHeld(RunFolder folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        if (!File.Exists(folder.Lock))
            return false;
        try
        {
            using var free = new FileStream(folder.Lock, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return false;
        }
        catch (IOException)
        {
            return true;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();
}
