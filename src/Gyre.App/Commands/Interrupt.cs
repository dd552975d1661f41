using System.Runtime.InteropServices;

namespace Gyre.App.Commands;

/// <summary>Ctrl-C, and other signals that are named, as a wish: while this lives they end nothing by themselves.</summary>
internal sealed class Interrupt : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly IReadOnlyList<PosixSignalRegistration> _registrations;

    public Interrupt(params PosixSignal[] others) => _registrations = [.. others.Prepend(PosixSignal.SIGINT).Select(signal => PosixSignalRegistration.Create(signal, Heard))];

    /// <summary>Cancelled once an end was asked for.</summary>
    public CancellationToken Token => _stop.Token;

    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose(); // first: it waits for a handler that runs
        _stop.Dispose();
    }

    private void Heard(PosixSignalContext signal)
    {
        signal.Cancel = true;
        _stop.Cancel();
    }
}
