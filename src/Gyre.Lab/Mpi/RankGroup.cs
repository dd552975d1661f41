using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace Gyre.Lab.Mpi;

/// <summary>
/// The processes that work on one run together: this one alone, or the ranks of a link. All of them go through the same
/// sums in the same order; every exchange begins with a small message that says which sum it is and
/// what it is a sum at, so that ranks that have drifted apart are found out.
/// </summary>
public sealed class RankGroup : IDisposable
{
    private const int HeaderLength = 3;

    private readonly IRankLink? _link;
    private readonly TimeProvider _time;
    private long _sums;

    /// <summary>Over a link, which is owned here.</summary>
    /// <param name="link">Between the ranks.</param>
    /// <param name="time">For <see cref="TakeSeconds"/>.</param>
    public RankGroup(IRankLink link, TimeProvider time) => (_link, _time) = (link, time);

    private RankGroup() => _time = TimeProvider.System;

    /// <summary>This process by itself.</summary>
    public static RankGroup Alone { get; } = new();

    /// <summary>This rank's number, from 0.</summary>
    public int Rank => _link?.Rank ?? 0;

    /// <summary>How many there are.</summary>
    public int Count => _link?.Count ?? 1;

    /// <summary>Whether this is the rank that writes.</summary>
    public bool Leads => Rank == 0;

    /// <summary>What carries messages, in words; null of a process alone.</summary>
    public string? Carrier => _link?.Description;

    /// <summary>What this rank failed with where all know of it: then all end in order.</summary>
    public Exception? Agreed { get; private set; }

    /// <summary>
    /// Seconds so far in which this rank waited for another's part of a sum; kept until they are taken.
    /// </summary>
    public double WaitingSeconds { get; private set; }

    /// <summary>Seconds so far in which numbers were under way; kept until they are taken.</summary>
    public double ExchangeSeconds { get; private set; }

    /// <summary>Which of so many chunks this rank adds up itself.</summary>
    public (int First, int Count) Share(int chunks) =>
        RankTree.Create(chunks, Count, Rank) is var (first, count, _) ? (first, count) : default;

    /// <summary>Begins a sum that every rank takes part in.</summary>
    /// <param name="chunks">How many are summed; as many as ranks, or more.</param>
    /// <returns>What this rank does of it.</returns>
    public RankTree Begin(int chunks)
    {
        _sums++;
        return RankTree.Create(chunks, Count, Rank);
    }

    /// <summary>Waits for the other side of a merge and looks whether it is at the same place.</summary>
    /// <param name="merge">Of the sum's tree.</param>
    /// <param name="input">A checksum of what the sum is taken at; equal on all ranks, or they have drifted
    /// apart.</param>
    /// <param name="mine">A few words of this side.</param>
    /// <returns>As many words of the other side.</returns>
    /// <exception cref="RankGroupException">The ranks differ.</exception>
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
                    + $"{got[0]}). This should not happen"
            );
        if (got[2] != input)
            throw Apart(
                $"Ranks {Rank} and {merge.From} no longer hold the same numbers, although they have computed "
                    + "the same: their processors round differently. Run on nodes of one kind (Slurm: "
                    + "--constraint), or set ATEN_CPU_CAPABILITY=default for all ranks"
            );
        return got[HeaderLength..];
    }

    /// <summary>Exchanges a piece of a sum with the other side of a merge, after <see cref="Meet"/>.</summary>
    /// <exception cref="RankGroupException">It failed.</exception>
    public void Exchange(RankMerge merge, ReadOnlySpan<byte> mine, Span<byte> theirs)
    {
        ArgumentNullException.ThrowIfNull(merge);
        var start = _time.GetTimestamp();
        Link.Exchange(mine, merge.To, theirs, merge.From);
        ExchangeSeconds += _time.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>
    /// The largest of every rank's number, place by place: what must be decided alike everywhere is decided by it. Also
    /// a barrier.
    /// </summary>
    /// <exception cref="RankGroupException">The ranks are at different places.</exception>
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

    /// <summary>Does something on every rank; where it fails on any, it fails on all.</summary>
    /// <param name="act">Without exchanges.</param>
    /// <exception cref="FailedElsewhereException">It failed on other ranks. Of those that fail, the first throws what
    /// it failed with.</exception>
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
    /// Asks whether any rank has failed; every rank asks at the same place. A process alone throws what it has.
    /// </summary>
    /// <param name="failure">Of this rank, or null.</param>
    /// <exception cref="FailedElsewhereException">Other ranks have failed. Of those that have, the first throws its
    /// failure.</exception>
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

    /// <summary>Seconds of waiting and exchanging since this was last asked.</summary>
    public (double Waiting, double Exchange) TakeSeconds()
    {
        var taken = (WaitingSeconds, ExchangeSeconds);
        (WaitingSeconds, ExchangeSeconds) = (0, 0);
        return taken;
    }

    /// <summary>Ends every rank at once where there are others; else does nothing.</summary>
    public void Abort(int exitCode) => _link?.Abort(exitCode);

    /// <summary>Leaves the group, in order: every rank must.</summary>
    public void Dispose() => _link?.Dispose();

    private static RankGroupException Apart(string fault) =>
        new($"{fault}; the same command goes on from the last checkpoint.") { Failed = true };

    private IRankLink Link =>
        _link ?? throw new InvalidOperationException("A process alone has nobody to exchange with.");
}
