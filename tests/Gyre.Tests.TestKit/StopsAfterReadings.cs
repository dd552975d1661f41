namespace Gyre.Tests.TestKit;

/// <summary>A clock that asks for an end once it has been read so often: in the midst of a run's steps.</summary>
public sealed class StopsAfterReadings(CancellationTokenSource stop, int readings) : TimeProvider
{
    private int _read;

    public override long GetTimestamp()
    {
        if (++_read == readings)
            stop.Cancel();
        return base.GetTimestamp();
    }
}
