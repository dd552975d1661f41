using System.Runtime.InteropServices;
using Gyre.Torch;

namespace Gyre.App.Terminal;

/// <summary>
/// Turns Ctrl-C, and other signals that are named, into a request to stop: while this lives they end nothing by
/// themselves.
/// </summary>
internal sealed class Interrupt : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly IReadOnlyList<PosixSignalRegistration> _registrations;
    private int _heard;
    private TimeSpan _patience;
    private volatile Timer? _end;
    private volatile string? _lastWords;

    public Interrupt(params PosixSignal[] others) =>
        _registrations = [
            .. others.Prepend(PosixSignal.SIGINT).Select(signal => PosixSignalRegistration.Create(signal, Heard)),
        ];

    /// <summary>Cancelled once an end was asked for.</summary>
    public CancellationToken Token => _stop.Token;

    /// <summary>
    /// From here on a request ends the process when it has not ended by itself within a while, and a second request
    /// ends it at once: code
    /// that is not ours may never come back. Only for work that leaves nothing half-written.
    /// </summary>
    /// <param name="patience">After the first request.</param>
    /// <param name="words">Said on standard error when the process is ended.</param>
    public void EndsWithin(TimeSpan patience, string words)
    {
        (_patience, _lastWords) = (patience, words);
        _end = new Timer(
            _ => End(),
            null,
            _stop.IsCancellationRequested ? patience : Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan
        );
    }

    /// <summary>From here on the work ends by itself, and is not ended in between.</summary>
    public void EndsByItself()
    {
        _lastWords = null;
        _end?.Dispose();
    }

    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose(); // first: it waits for a handler that runs
        EndsByItself();
        _stop.Dispose();
    }

    private void Heard(PosixSignalContext signal)
    {
        signal.Cancel = true;
        var heard = Interlocked.Increment(ref _heard);
        _stop.Cancel();
        if (heard > 1)
            End();
        else if (_lastWords is not null)
            _end?.Change(_patience, Timeout.InfiniteTimeSpan);
    }

    private void End()
    {
        if (_lastWords is not { } words)
            return;
        Console.Error.WriteLine(words);
        NativeProcess.End(Exit.Interrupted);
    }
}
