using System.Runtime.InteropServices;

namespace Gyre.Lab.Mpi;

/// <summary>Connects ranks over MPI. A process has one such link in its lifetime.</summary>
internal sealed unsafe partial class MpiLink : IRankLink
{
    private const int PieceBytes = 1 << 28; // an MPI count is a 32-bit number
    private const int SpinsBeforeRest = 2000; // about 100 microseconds: longer than a small message takes
    private const int SmallBytes = 1 << 12;
    private const uint RestMicroseconds = 50;

    private static long _inside;
    private static volatile bool _entering;

    private readonly MpiLibrary _library;

    private MpiLink(MpiLibrary library)
    {
        _library = library;
        (Rank, Count) = (library.Rank(), library.Size());
        Description = library.Version();
    }

    /// <summary>
    /// The time at which the MPI call in progress began (<see cref="TimeProvider.GetTimestamp"/> of the system), or 0
    /// if there is none. Read by other threads.
    /// </summary>
    public static long InsideSince => Interlocked.Read(ref _inside);

    /// <summary>Whether this process is waiting for the others to enter the world. Read by other threads.</summary>
    public static bool Entering => _entering;

    /// <inheritdoc/>
    public int Rank { get; }

    /// <inheritdoc/>
    public int Count { get; }

    /// <inheritdoc/>
    public string Description { get; }

    /// <summary>
    /// Opens the library, enters its world, and compares its size with the number of processes started.
    /// </summary>
    /// <param name="launcher">The launcher, or null if none is known.</param>
    /// <param name="library">A name or path; null for the usual names.</param>
    /// <exception cref="RankGroupException">There is no library, or it does not match the launcher; the message gives
    /// the remedy.</exception>
    public static MpiLink Open(Launcher? launcher, string? library)
    {
        var opened = MpiLibrary.Open(launcher, library);
        if (launcher?.Unheard(opened.IsOpenMpi) is { } unheard)
            throw new RankGroupException(unheard);
        return Inside(() =>
        {
            _entering = true;
            opened.Init();
            _entering = false;
            var link = new MpiLink(opened);
            if (launcher?.Mismatch(link.Count, link.Description) is not { } mismatch)
                return link;
            opened.Finish();
            throw new RankGroupException(mismatch);
        });
    }

    /// <inheritdoc/>
    public void Exchange(ReadOnlySpan<byte> mine, IReadOnlyList<int> to, Span<byte> theirs, int from)
    {
        ArgumentNullException.ThrowIfNull(to);
        Interlocked.Exchange(ref _inside, TimeProvider.System.GetTimestamp());
        fixed (
            byte* sent = mine,
                got = theirs
        )
        {
            for (var at = 0; at < Math.Max(mine.Length, theirs.Length); at += PieceBytes)
                ExchangePiece(sent + at, PieceOf(mine.Length, at), to, got + at, PieceOf(theirs.Length, at), from);
        }
        Interlocked.Exchange(ref _inside, 0);
    }

    /// <inheritdoc/>
    public void Abort(int exitCode) => _library.Abort(exitCode);

    /// <inheritdoc/>
    public void Dispose() =>
        Inside(() =>
        {
            _library.Finish();
            return true;
        });

    /// <summary>
    /// Tests requests repeatedly instead of waiting for them: a wait inside a library occupies a whole processor,
    /// which the partner needs if ranks share one. A small message that does not arrive comes from a rank that still
    /// computes, so this rank sleeps meanwhile. For a large message both ranks are present, and every test moves a
    /// part of it.
    /// </summary>
    private void ExchangePiece(byte* mine, int mineBytes, IReadOnlyList<int> to, byte* theirs, int theirBytes, int from)
    {
        Span<nint> open = stackalloc nint[1 + to.Count];
        open[0] = _library.BeginReceive(theirs, theirBytes, from);
        for (var i = 0; i < to.Count; i++)
            open[1 + i] = _library.BeginSend(mine, mineBytes, to[i]);
        for (var (left, spins) = (open.Length, 0); left > 0; spins++)
        {
            if (_library.Done(ref open[left - 1]))
                left--;
            else if (spins > SpinsBeforeRest)
                Rest(mineBytes <= SmallBytes && theirBytes <= SmallBytes);
        }
    }

    private static void Rest(bool asleep)
    {
        if (asleep)
            _ = USleep(RestMicroseconds);
        else
            Thread.Yield();
    }

    [LibraryImport("libc.so.6", EntryPoint = "usleep")]
    private static partial int USleep(uint microseconds);

    private static int PieceOf(int bytes, int at) => Math.Clamp(bytes - at, 0, PieceBytes);

    private static T Inside<T>(Func<T> act)
    {
        Interlocked.Exchange(ref _inside, TimeProvider.System.GetTimestamp());
        try
        {
            return act();
        }
        finally
        {
            Interlocked.Exchange(ref _inside, 0);
        }
    }
}
