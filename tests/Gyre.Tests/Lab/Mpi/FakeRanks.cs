using System.Collections.Concurrent;
using Gyre.Lab.Mpi;

namespace Gyre.Tests.Lab.Mpi;

/// <summary>
/// Ranks that are threads of this process, with messages in mailboxes; none of them may touch the engine.
/// </summary>
internal sealed class FakeRanks
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<(int From, int To), BlockingCollection<byte[]>> _mail = new();
    private readonly int _count;
    private TimeSpan _patience = Patience;

    private FakeRanks(int count) => _count = count;

    /// <summary>What every rank comes to.</summary>
    /// <param name="count">How many.</param>
    /// <param name="act">Of each.</param>
    /// <param name="quiet">Whether ranks may be left waiting for one that has stopped: they then come to nothing,
    /// soon.</param>
    public static T[] All<T>(int count, Func<RankGroup, T> act, bool quiet = false)
    {
        var ranks = new FakeRanks(count) { _patience = quiet ? TimeSpan.FromSeconds(1) : Patience };
        var results = new T[count];
        var failures = new ConcurrentQueue<Exception>();
        var threads = Enumerable
            .Range(0, count)
            .Select(rank => new Thread(() =>
            {
                try
                {
                    results[rank] = act(new RankGroup(new Link(ranks, rank), TimeProvider.System));
                }
                catch (Exception error)
                {
                    if (!quiet || error is not TimeoutException)
                        failures.Enqueue(error);
                }
            }))
            .ToArray();
        foreach (var thread in threads)
            thread.Start();
        foreach (var thread in threads)
            Assert.True(thread.Join(Patience), "a rank waits for ever");
        Assert.Empty(failures);
        return results;
    }

    private BlockingCollection<byte[]> Box(int from, int to) => _mail.GetOrAdd((from, to), _ => []);

    private sealed class Link(FakeRanks ranks, int rank) : IRankLink
    {
        public int Rank => rank;

        public int Count => ranks._count;

        public string Description => "mailboxes";

        public void Exchange(ReadOnlySpan<byte> mine, IReadOnlyList<int> to, Span<byte> theirs, int from)
        {
            foreach (var other in to)
                ranks.Box(rank, other).Add(mine.ToArray());
            if (!ranks.Box(from, rank).TryTake(out var got, ranks._patience))
                throw new TimeoutException($"nothing comes from {from}");
            got.CopyTo(theirs);
        }

        public void Abort(int exitCode) => throw new NotSupportedException();

        public void Dispose() { }
    }
}
