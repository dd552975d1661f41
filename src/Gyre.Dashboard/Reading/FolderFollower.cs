namespace Gyre.Dashboard.Reading;

/// <summary>
/// Follows one folder in any state: keeps what was read last, and decides when to read it again. It never writes, and
/// takes no lock. Requests in quick succession share one reading of the files.
/// </summary>
/// <typeparam name="T">The immutable result of a reading.</typeparam>
/// <param name="path">The folder.</param>
/// <param name="clock">The clock, for the time of the last reading.</param>
/// <param name="first">The result before the first reading.</param>
internal sealed class FolderFollower<T>(string path, TimeProvider clock, T first)
    where T : class
{
    private readonly Lock _gate = new();
    private T _last = first;
    private long? _lookedAt;
    private string? _stamp;
    private bool _gone;

    /// <summary>Time within which requests share one reading.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// Returns a text that changes whenever the files do; null to read them at every request after the pause.
    /// </summary>
    public Func<string>? Stamp { get; init; }

    /// <summary>Reads the folder, given the previous result.</summary>
    public required Func<T, T> Read { get; init; }

    /// <summary>Returns the previous result as that of a folder that no longer exists.</summary>
    public required Func<T, T> Leave { get; init; }

    /// <summary>Returns the current state of the folder.</summary>
    public T Look()
    {
        lock (_gate)
            return _lookedAt is { } before && clock.GetElapsedTime(before) < Pause ? _last : Refresh();
    }

    /// <summary>Returns the current state of the folder, however soon after the last reading.</summary>
    public T LookNow()
    {
        lock (_gate)
            return Refresh();
    }

    private T Refresh()
    {
        if (!Directory.Exists(path))
            (_last, _gone) = (_gone ? _last : Leave(_last), true);
        // It may have been away and come back unchanged.
        else if (Stamp?.Invoke() is var stamp && (stamp is null || stamp != _stamp || _gone))
            (_last, _stamp, _gone) = (Read(_last), stamp, false);
        _lookedAt = clock.GetTimestamp();
        return _last;
    }
}
