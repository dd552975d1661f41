namespace Gyre.App.Terminal;

/// <summary>Measures the time since the last line of progress, so that there is at most one per second.</summary>
internal sealed class ProgressClock(TimeProvider time)
{
    private static readonly TimeSpan Least = TimeSpan.FromSeconds(1);

    private long _last = time.GetTimestamp();

    /// <summary>The time since the last line, or since the start.</summary>
    public TimeSpan Elapsed => time.GetElapsedTime(_last);

    /// <summary>Whether a line may be written now.</summary>
    public bool IsDue => Elapsed >= Least;

    /// <summary>Records that a line was written.</summary>
    public void Restart() => _last = time.GetTimestamp();
}
