namespace Gyre.Dashboard.Reading;

/// <summary>
/// Follows one folder, whatever state it is in: what was last read of it, and when it is read again. It never writes,
/// and takes no lock. Looks that follow closely upon one another share one reading of the files.
/// </summary>
/// <typeparam name="T">What a look gives; it does not change.</typeparam>
/// <param name="path">The folder.</param>
/// <param name="clock">Tells when the last look was.</param>
/// <param name="first">What is known before the first look.</param>
internal sealed class FolderFollower<T>(string path, TimeProvider clock, T first)
    where T : class
{
    private readonly Lock _gate = new();
    private T _last = first;
    private long? _lookedAt;
    private string? _stamp;
    private bool _gone;

    /// <summary>Time within which looks share one reading.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// A text that is another whenever the files are; null: they are read at every look after the pause.
    /// </summary>
    public Func<string>? Stamp { get; init; }

    /// <summary>Reads the folder, given what was read before.</summary>
    public required Func<T, T> Read { get; init; }

    /// <summary>What was read before as that of a folder which is no longer there.</summary>
    public required Func<T, T> Leave { get; init; }

    /// <summary>The folder as it is now.</summary>
    public T Look()
    {
        lock (_gate)
            return _lookedAt is { } before && clock.GetElapsedTime(before) < Pause ? _last : Refresh();
    }

    /// <summary>The folder as it is now, however soon after the last look.</summary>
    public T LookNow()
    {
        lock (_gate)
            return Refresh();
    }

    private T Refresh()
    {
        if (!Directory.Exists(path))
            (_last, _gone) = (_gone ? _last : Leave(_last), true);
        // It may have been away, and come back as it was.
        else if (Stamp?.Invoke() is var stamp && (stamp is null || stamp != _stamp || _gone))
            (_last, _stamp, _gone) = (Read(_last), stamp, false);
        _lookedAt = clock.GetTimestamp();
        return _last;
    }
}
