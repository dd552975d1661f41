using System.Text;
using Microsoft.AspNetCore.Connections;

namespace Gyre.Dashboard.Serving;

/// <summary>
/// Limits the number of simultaneous connections. Further ones are answered with 503 and closed, which is reported to
/// the user who started the server.
/// </summary>
/// <param name="options">The receiver of reports, and the clock.</param>
internal sealed class ConnectionLimit(ServeOptions options)
{
    /// <summary>The limit. Chosen: a browser opens six connections, and twenty readers fit.</summary>
    public const int Most = 128;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1); // between two such remarks
    private static readonly byte[] Answer = MakeAnswer();

    private readonly Lock _gate = new();
    private int _open;
    private long? _saidAt;

    /// <summary>Puts the limit before the handler of connections.</summary>
    public ConnectionDelegate Guard(ConnectionDelegate next) =>
        async connection =>
        {
            if (Interlocked.Increment(ref _open) > Most)
            {
                Interlocked.Decrement(ref _open); // a refused connection takes no place while it is answered
                await Refuse(connection).ConfigureAwait(false);
                return;
            }
            try
            {
                await next(connection).ConfigureAwait(false);
            }
            finally
            {
                Interlocked.Decrement(ref _open);
            }
        };

    private static byte[] MakeAnswer()
    {
        var sentence =
            $"More than {Most} connections are open. Close pages that you do not need, and reload this one.\n";
        return Encoding.ASCII.GetBytes(
            "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain\r\nRetry-After: 5\r\nConnection: close\r\n"
                + $"Content-Length: {sentence.Length}\r\n\r\n{sentence}"
        );
    }

    /// <summary>
    /// Answers after waiting a moment for the request: an answer that is sent before it gets lost.
    /// </summary>
    private async Task Refuse(ConnectionContext connection)
    {
        Say();
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            await connection.Transport.Input.ReadAsync(patience.Token).ConfigureAwait(false);
            await connection.Transport.Output.WriteAsync(Answer, patience.Token).ConfigureAwait(false);
        }
        catch (Exception error) when (error is OperationCanceledException or IOException or InvalidOperationException)
        {
            // It requested nothing, or has disconnected.
        }
    }

    private void Say()
    {
        lock (_gate)
        {
            if (_saidAt is { } at && options.Clock.GetElapsedTime(at) < Pause)
                return;
            _saidAt = options.Clock.GetTimestamp();
        }
        options.Say(
            $"More than {Most} connections are open: further ones are answered with 503 until some are closed."
        );
    }
}
