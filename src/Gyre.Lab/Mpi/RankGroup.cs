using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace Gyre.Lab.Mpi;

/// <summary>
/// The processes that work on one run together: this one alone, or the ranks of a link. All of them compute the same
/// sums in the same order. Every exchange begins with a small message that identifies the sum and the point at which
/// it is evaluated, so that ranks that have diverged are detected.
/// </summary>
public sealed class RankGroup : IDisposable
{
    private const int HeaderLength = 3;

    private readonly IRankLink? _link;
    private readonly TimeProvider _time;
    private long _sums;

    /// <summary>Creates a group over a link, and takes ownership of the link.</summary>
    /// <param name="link">The link between the ranks.</param>
    /// <param name="time">The clock for <see cref="TakeSeconds"/>.</param>
    public RankGroup(IRankLink link, TimeProvider time) => (_link, _time) = (link, time);

    private RankGroup() => _time = TimeProvider.System;

    /// <summary>The group that consists of this process alone.</summary>
    public static RankGroup Alone { get; } = new();

    /// <summary>This rank's number, from 0.</summary>
    public int Rank => _link?.Rank ?? 0;

    /// <summary>The number of processes.</summary>
    public int Count => _link?.Count ?? 1;

    /// <summary>Whether this is the rank that writes.</summary>
    public bool Leads => Rank == 0;

    /// <summary>A description of the transport; null for a process alone.</summary>
    public string? Carrier => _link?.Description;

    /// <summary>
    /// The failure of this rank if all ranks know of it, so that all of them end in order; otherwise null.
    /// </summary>
    public Exception? Agreed { get; private set; }

    /// <summary>
    /// Seconds for which this rank has waited for another rank's part of a sum, since <see cref="TakeSeconds"/> was
    /// last called.
    /// </summary>
    public double WaitingSeconds { get; private set; }

    /// <summary>Seconds spent on transferring numbers since <see cref="TakeSeconds"/> was last called.</summary>
    public double ExchangeSeconds { get; private set; }

    /// <summary>Returns which of the given number of chunks this rank sums itself.</summary>
    public (int First, int Count) Share(int chunks) =>
        RankTree.Create(chunks, Count, Rank) is var (first, count, _) ? (first, count) : default;

    /// <summary>Begins a sum in which every rank takes part.</summary>
    /// <param name="chunks">The number of chunks to sum; at least the number of ranks.</param>
    /// <returns>This rank's part of the sum.</returns>
    public RankTree Begin(int chunks)
    {
        _sums++;
        return RankTree.Create(chunks, Count, Rank);
    }

    /// <summary>Waits for the other side of a merge and checks that it is at the same point.</summary>
    /// <param name="merge">A merge of the sum's tree.</param>
    /// <param name="input">A checksum of the point at which the sum is evaluated; if it differs between ranks, they
    /// have diverged.</param>
    /// <param name="mine">A few words from this side.</param>
    /// <returns>The same number of words from the other side.</returns>
    /// <exception cref="RankGroupException">The ranks have diverged.</exception>
    public long[] Meet(RankMerge merge, long input, ReadOnlySpan<long> mine)
    {
        ArgumentNullException.ThrowIfNull(merge);
        var start = _time.GetTimestamp();
        var (sent, got) = (new long[HeaderLength + mine.Length], new long[HeaderLength + mine.Length]);
        (sent[0], sent[1], sent[2]) = (_sums, sent.Length, input);
        mine.CopyTo(sent.AsSpan(HeaderLength));
        Link.Exchange(MemoryMarshal.AsBytes(sent.AsSpan()), merge.To, MemoryMarshal.AsBytes(got.AsSpan()), merge.From);
        WaitingSeconds += _time.GetElapsedTime(start).TotalSeconds;
        if (got[0] != sent[0] || got[1] != sent[1])
            throw Apart(
                $"Ranks {Rank} and {merge.From} are at different places of the run (sum {sent[0]} and "
                    + $"{got[0]}). This is a bug in Gyre"
            );
        if (got[2] != input)
            throw Apart(
                $"Ranks {Rank} and {merge.From} no longer have the same numbers, although they computed "
                    + "the same: their processors round differently. Use nodes of one kind (Slurm: "
                    + "--constraint), or set ATEN_CPU_CAPABILITY=default for all ranks"
            );
        return got[HeaderLength..];
    }

    /// <summary>Exchanges a piece of a sum with the other side of a merge, after <see cref="Meet"/>.</summary>
    /// <exception cref="RankGroupException">The exchange failed.</exception>
    public void Exchange(RankMerge merge, ReadOnlySpan<byte> mine, Span<byte> theirs)
    {
        ArgumentNullException.ThrowIfNull(merge);
        var start = _time.GetTimestamp();
        Link.Exchange(mine, merge.To, theirs, merge.From);
        ExchangeSeconds += _time.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>
    /// Returns the element-wise maximum over all ranks. Decisions that must be the same on every rank are based on
    /// it. Also a barrier.
    /// </summary>
    /// <exception cref="RankGroupException">The ranks are at different points of the run.</exception>
    public long[] Agree(params ReadOnlySpan<long> mine)
    {
        var agreed = mine.ToArray();
        foreach (var merge in Begin(Count).Merges)
        {
            var theirs = Meet(merge, agreed.Length, agreed);
            for (var i = 0; i < agreed.Length; i++)
                agreed[i] = Math.Max(agreed[i], theirs[i]);
        }
        return agreed;
    }

    /// <summary>Runs a function on every rank; if it fails on any rank, it fails on all.</summary>
    /// <param name="act">The function; it must not exchange messages.</param>
    /// <exception cref="FailedElsewhereException">The function failed on other ranks. The first of the ranks that
    /// failed throws its own exception instead.</exception>
    public T RunTogether<T>(Func<T> act)
    {
        ArgumentNullException.ThrowIfNull(act);
        if (Count == 1)
            return act();
        Exception? failure = null;
        T? result = default;
        try
        {
            result = act();
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            failure = error;
        }
        Succeed(failure);
        return result!;
    }

    /// <summary>
    /// Checks whether any rank has failed; every rank calls it at the same point. A process alone throws its own
    /// failure.
    /// </summary>
    /// <param name="failure">The failure of this rank, or null.</param>
    /// <exception cref="FailedElsewhereException">Other ranks have failed. The first of the ranks that failed throws
    /// its own exception instead.</exception>
    public void Succeed(Exception? failure)
    {
        var first = Count - Agree(failure is null ? 0 : Count - Rank)[0];
        if (first == Count)
            return;
        if (failure is not null && first == Rank)
        {
            Agreed = failure;
            ExceptionDispatchInfo.Throw(failure);
        }
        throw new FailedElsewhereException((int)first);
    }

    /// <summary>Returns the seconds of waiting and exchanging since the last call, and resets them.</summary>
    public (double Waiting, double Exchange) TakeSeconds()
    {
        var taken = (WaitingSeconds, ExchangeSeconds);
        (WaitingSeconds, ExchangeSeconds) = (0, 0);
        return taken;
    }

    /// <summary>Ends every rank at once; does nothing for a process alone.</summary>
    public void Abort(int exitCode) => _link?.Abort(exitCode);

    /// <summary>Leaves the group in order; every rank must call it.</summary>
    public void Dispose() => _link?.Dispose();

    private static RankGroupException Apart(string fault) =>
        new($"{fault}; the same command resumes from the last checkpoint.") { Failed = true };

    private IRankLink Link =>
        _link ?? throw new InvalidOperationException("A single process has no other rank to communicate with.");
}
