using Gyre.App.Terminal;
using Gyre.Lab.Running;

namespace Gyre.App.Processes;

/// <summary>Passes requests to stop on to a child, as long as this lives: the first asks it for an end, the second ends
/// it.</summary>
internal sealed class ChildStop : IDisposable
{
    private readonly CancellationTokenRegistration _first;
    private readonly CancellationTokenRegistration _second;

    /// <param name="child">That runs.</param>
    /// <param name="signals">Listened to from here on.</param>
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
