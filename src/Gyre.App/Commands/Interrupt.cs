using System.Runtime.InteropServices;

namespace Gyre.App.Commands;

/// <summary>Ctrl-C as a wish: while this lives it ends nothing by itself.</summary>
internal sealed class Interrupt : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly PosixSignalRegistration _registration;

    public Interrupt() => _registration = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal =>
    {
        signal.Cancel = true;
        _stop.Cancel();
    });

    /// <summary>Cancelled once an end was asked for.</summary>
    public CancellationToken Token => _stop.Token;

    public void Dispose()
    {
        _registration.Dispose(); // first: it waits for a handler that runs
        _stop.Dispose();
    }
}
