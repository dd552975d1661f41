namespace Gyre.Lab.Trajectories;

/// <summary>
/// Determines which parameter of a network an optimizer's index refers to. PyTorch numbers parameters in the order of
/// its groups: that of the network within a group, but not across several groups. Pure.
/// </summary>
internal static class ParameterOrder
{
    private const int MostStates = 1_000_000;

    /// <summary>
    /// Returns the network's parameter for each index, in the order of the groups: the only assignment in which each
    /// group keeps the network's order and every shape fits.
    /// </summary>
    /// <param name="groups">The shapes of each group's parameters; null if a shape is unknown.</param>
    /// <param name="network">The shapes of the network's parameters, in its order.</param>
    /// <returns>For each group, the places in the network; null if no assignment fits, if several do, or if there are
    /// too many states to search.</returns>
    public static int[][]? TryFind(
        IReadOnlyList<IReadOnlyList<IReadOnlyList<long>?>> groups,
        IReadOnlyList<IReadOnlyList<long>> network
    )
    {
        ArgumentNullException.ThrowIfNull(groups);
        ArgumentNullException.ThrowIfNull(network);
        var states = groups.Aggregate(1.0, (product, group) => product * (group.Count + 1));
        if (groups.Sum(group => group.Count) != network.Count || states > MostStates)
            return null;
        var search = new Search(groups, network);
        return search.Ways(new int[groups.Count]) == 1 ? search.Only() : null;
    }

    private sealed class Search(
        IReadOnlyList<IReadOnlyList<IReadOnlyList<long>?>> groups,
        IReadOnlyList<IReadOnlyList<long>> network
    )
    {
        private readonly Dictionary<long, int> _known = [];

        /// <summary>
        /// Returns the number of ways to continue once that many are taken from each group; 2 stands for several.
        /// </summary>
        public int Ways(int[] taken)
        {
            if (taken.Sum() == network.Count)
                return 1;
            var key = Key(taken);
            if (_known.TryGetValue(key, out var known))
                return known;
            var ways = 0;
            for (var group = 0; group < groups.Count && ways < 2; group++)
            {
                if (Fits(group, taken))
                    ways += Ways(Next(taken, group));
            }
            return _known[key] = Math.Min(2, ways);
        }

        public int[][] Only()
        {
            var places = groups.Select(group => new List<int>(group.Count)).ToArray();
            for (var taken = new int[groups.Count]; taken.Sum() < network.Count; )
            {
                var group = Enumerable
                    .Range(0, groups.Count)
                    .First(one => Fits(one, taken) && Ways(Next(taken, one)) == 1);
                places[group].Add(taken.Sum());
                taken = Next(taken, group);
            }
            return [.. places.Select(place => place.ToArray())];
        }

        private bool Fits(int group, int[] taken) =>
            taken[group] < groups[group].Count
            && (groups[group][taken[group]] is not { } shape || shape.SequenceEqual(network[taken.Sum()]));

        private static int[] Next(int[] taken, int group)
        {
            var next = (int[])taken.Clone();
            next[group]++;
            return next;
        }

        private long Key(int[] taken)
        {
            var key = 0L;
            for (var group = 0; group < groups.Count; group++)
                key = key * (groups[group].Count + 1) + taken[group];
            return key;
        }
    }
}
