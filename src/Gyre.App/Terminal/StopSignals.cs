using System.Runtime.InteropServices;
using Gyre.Torch;

namespace Gyre.App.Terminal;

/// <summary>
/// Turns Ctrl-C, and other signals that a command names, into one stop request. Until a command listens, signals end
/// the process as usual; from then on they end nothing by themselves.
/// </summary>
internal sealed class StopSignals : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private readonly Dictionary<PosixSignal, PosixSignalRegistration> _registrations = [];
    private readonly HashSet<PosixSignal> _received = [];
    private readonly CancellationTokenSource _urgent = new();
    private int _requests;
    private TimeSpan _patience;
    private volatile Timer? _end;
    private volatile string? _lastSentence;

    /// <summary>
    /// The signals, in addition to Ctrl-C, that a user or the system sends to a program with a terminal or a session.
    /// </summary>
    public static PosixSignal[] TerminationAndHangup => [PosixSignal.SIGTERM, PosixSignal.SIGHUP];

    /// <summary>Canceled by the first signal.</summary>
    public CancellationToken Token => _stop.Token;

    /// <summary>Canceled by the second signal: its sender does not want to wait.</summary>
    public CancellationToken Urgent => _urgent.Token;

    /// <summary>Starts listening to Ctrl-C and the given signals, until the end of the command.</summary>
    public void Listen(params IEnumerable<PosixSignal> others)
    {
        lock (_lock)
        {
            // A command may call another one that listens as well; a signal counts once.
            foreach (var signal in others.Prepend(PosixSignal.SIGINT).Where(one => !_registrations.ContainsKey(one)))
                _registrations[signal] = PosixSignalRegistration.Create(signal, Receive);
        }
    }

    /// <summary>Whether the signal has arrived.</summary>
    public bool HaveReceived(PosixSignal signal)
    {
        lock (_lock)
            return _received.Contains(signal);
    }

    /// <summary>
    /// From here on, a request ends the process if it has not ended by itself after a while, and a second request
    /// ends it at once, because foreign code may never return. Use this only for work that leaves nothing
    /// half-written.
    /// </summary>
    /// <param name="patience">The time after the first request.</param>
    /// <param name="sentence">Printed to standard error when the process is ended.</param>
    public void EndProcessAfter(TimeSpan patience, string sentence)
    {
        (_patience, _lastSentence) = (patience, sentence);
        _end = new Timer(
            _ => End(),
            null,
            _stop.IsCancellationRequested ? patience : Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan
        );
    }

    /// <summary>From here on, the work ends by itself and is not interrupted.</summary>
    public void LetWorkEnd()
    {
        _lastSentence = null;
        _end?.Dispose();
    }

    public void Dispose()
    {
        foreach (var registration in _registrations.Values)
            registration.Dispose(); // first, because this waits for a running handler
        LetWorkEnd();
        _stop.Dispose();
        _urgent.Dispose();
    }

    private void Receive(PosixSignalContext context)
    {
        context.Cancel = true;
        lock (_lock)
            _received.Add(context.Signal);
        var requests = Interlocked.Increment(ref _requests);
        _stop.Cancel();
        if (requests > 1)
        {
            _urgent.Cancel();
            End();
        }
        else if (_lastSentence is not null)
            _end?.Change(_patience, Timeout.InfiniteTimeSpan);
    }

    private void End()
    {
        if (_lastSentence is not { } sentence)
            return;
        Console.Error.WriteLine(sentence);
        NativeProcess.End(Exit.Interrupted);
    }
}
