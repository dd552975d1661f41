namespace Gyre.App.Terminal;

/// <summary>Time since the last line of progress, of which there is at most one a second.</summary>
internal sealed class ProgressClock(TimeProvider time)
{
    private static readonly TimeSpan Least = TimeSpan.FromSeconds(1);

    private long _last = time.GetTimestamp();

    /// <summary>Since the last line, or the beginning.</summary>
    public TimeSpan Elapsed => time.GetElapsedTime(_last);

    /// <summary>Whether a line may be written.</summary>
    public bool IsDue => Elapsed >= Least;

    /// <summary>A line was written.</summary>
    public void Restart() => _last = time.GetTimestamp();
}
