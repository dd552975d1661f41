using Gyre.Torch;

namespace Gyre.Lab.Mpi;

/// <summary>
/// What carries bytes between ranks. One thread alone uses it; messages from one rank to another arrive in the order
/// they were sent in.
/// </summary>
public interface IRankLink : IDisposable
{
    /// <summary>This rank's number, from 0.</summary>
    int Rank { get; }

    /// <summary>How many ranks there are.</summary>
    int Count { get; }

    /// <summary>What carries it, in words: a library with its version.</summary>
    string Description { get; }

    /// <summary>Sends and receives at the same time; returns when both are done.</summary>
    /// <param name="mine">Goes to every rank of <paramref name="to"/>.</param>
    /// <param name="to">Ranks.</param>
    /// <param name="theirs">Filled by what <paramref name="from"/> sends.</param>
    /// <param name="from">A rank that sends as many bytes in its own call.</param>
    /// <exception cref="RankGroupException">It failed.</exception>
    void Exchange(ReadOnlySpan<byte> mine, IReadOnlyList<int> to, Span<byte> theirs, int from);

    /// <summary>Ends every rank at once, this one too.</summary>
    /// <param name="exitCode">What the launcher is told.</param>
    void Abort(int exitCode);
}

/// <summary>Several processes cannot work on one run; the message says why and what to do.</summary>
internal sealed class RankGroupException : GyreException
{
    /// <summary>Makes the exception with the sentences a user reads.</summary>
    public RankGroupException(string message, Exception? inner = null)
        : base(message, inner) { }

    /// <summary>Whether the run was going and has failed; else it could not begin as it was started.</summary>
    public bool Failed { get; init; }

    /// <inheritdoc/>
    public override int ExitCode => Failed ? 3 : 2;
}

/// <summary>Another rank has failed and says why; this one has nothing to add.</summary>
internal sealed class FailedElsewhereException : GyreException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="rank">That failed.</param>
    public FailedElsewhereException(int rank)
        : base($"Rank {rank} has failed.") { }

    /// <inheritdoc/>
    public override int ExitCode => 3;
}
