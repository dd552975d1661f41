namespace Gyre.Lab.Trajectories;

/// <summary>
/// Which parameter of a network an optimizer's index means. PyTorch counts parameters in the order of its groups: that
/// of the network within a group, but not over several of them. Pure.
/// </summary>
internal static class ParameterOrder
{
    private const int MostStates = 1_000_000;

    /// <summary>
    /// The network's parameter of each index, in the order of the groups: the only way in which each group keeps the
    /// network's order and every shape fits.
    /// </summary>
    /// <param name="groups">Shapes of a group's parameters; null where a shape is not known.</param>
    /// <param name="network">Shapes of the network's parameters, in its order.</param>
    /// <returns>For each group the places in the network; null where no way fits, or several do.</returns>
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

        /// <summary>Ways to go on after so many of each group, 2 standing for several.</summary>
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
