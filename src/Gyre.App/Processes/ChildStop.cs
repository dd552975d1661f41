using Gyre.App.Terminal;
using Gyre.Lab.Running;

namespace Gyre.App.Processes;

/// <summary>
/// Forwards stop requests to a child process until disposed: the first one asks it to stop, the second one kills it.
/// </summary>
internal sealed class ChildStop : IDisposable
{
    private readonly CancellationTokenRegistration _first;
    private readonly CancellationTokenRegistration _second;

    /// <param name="child">The running child process.</param>
    /// <param name="signals">Stop signals, listened to from here on.</param>
    /// <param name="stop">The first request.</param>
    public ChildStop(ChildRun child, StopSignals signals, CancellationToken stop)
    {
        _first = stop.Register(child.Stop);
        _second = signals.Urgent.Register(child.Kill);
        signals.Listen(StopSignals.TerminationAndHangup);
    }

    public void Dispose()
    {
        _first.Dispose();
        _second.Dispose();
    }
}
