using Gyre.Torch;

namespace Gyre.Lab.Mpi;

/// <summary>
/// Carries bytes between ranks. Only one thread uses a link. Messages from one rank to another arrive in the order in
/// which they were sent.
/// </summary>
public interface IRankLink : IDisposable
{
    /// <summary>This rank's number, from 0.</summary>
    int Rank { get; }

    /// <summary>The number of ranks.</summary>
    int Count { get; }

    /// <summary>A description of the transport: a library with its version.</summary>
    string Description { get; }

    /// <summary>Sends and receives at the same time; returns when both are complete.</summary>
    /// <param name="mine">The bytes to send to every rank of <paramref name="to"/>.</param>
    /// <param name="to">The ranks that receive <paramref name="mine"/>.</param>
    /// <param name="theirs">The buffer for the bytes that <paramref name="from"/> sends.</param>
    /// <param name="from">The rank to receive from; it sends the same number of bytes in its own call.</param>
    /// <exception cref="RankGroupException">The exchange failed.</exception>
    void Exchange(ReadOnlySpan<byte> mine, IReadOnlyList<int> to, Span<byte> theirs, int from);

    /// <summary>Ends every rank at once, including this one.</summary>
    /// <param name="exitCode">The exit code for the launcher.</param>
    void Abort(int exitCode);
}

/// <summary>
/// The exception that is thrown when several processes cannot work on one run. The message gives the reason and the
/// remedy.
/// </summary>
internal sealed class RankGroupException : GyreException
{
    public RankGroupException(string message, Exception? inner = null)
        : base(message, inner) { }

    /// <summary>Whether a run in progress has failed; otherwise the run could not begin as it was started.</summary>
    public bool Failed { get; init; }

    /// <inheritdoc/>
    public override int ExitCode => Failed ? 3 : 2;
}

/// <summary>
/// The exception that is thrown when another rank has failed. That rank reports the reason; this one has nothing to
/// add.
/// </summary>
internal sealed class FailedElsewhereException : GyreException
{
    /// <param name="rank">The rank that failed.</param>
    public FailedElsewhereException(int rank)
        : base($"Rank {rank} has failed.") { }

    /// <inheritdoc/>
    public override int ExitCode => 3;
}
