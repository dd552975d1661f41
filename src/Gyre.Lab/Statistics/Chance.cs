namespace Gyre.Lab.Statistics;

/// <summary>Reproducible random numbers.</summary>
internal static class Chance
{
    public static Random From(int seed) => new(seed);

    /// <summary>Shuffles entries within each stratum (Fisher and Yates 1938).</summary>
    /// <param name="order">The array, shuffled in place.</param>
    /// <param name="strata">The positions of each stratum.</param>
    public static void Shuffle<T>(T[] order, IReadOnlyList<int[]> strata, Random random)
    {
        foreach (var places in strata)
        {
            for (var i = places.Length - 1; i > 0; i--)
            {
                var j = random.Next(i + 1);
                (order[places[i]], order[places[j]]) = (order[places[j]], order[places[i]]);
            }
        }
    }

    /// <summary>Returns the positions of each stratum, in order of first appearance.</summary>
    public static IReadOnlyList<int[]> Places(IReadOnlyList<int> strata) =>
        [.. Enumerable.Range(0, strata.Count).GroupBy(i => strata[i]).Select(group => group.ToArray())];

    /// <summary>Draws as many points as there are, with replacement and within each stratum.</summary>
    public static int[] Resample(IReadOnlyList<int[]> strata, Random random)
    {
        var drawn = new int[strata.Sum(places => places.Length)];
        var next = 0;
        foreach (var places in strata)
        {
            foreach (var _ in places)
                drawn[next++] = places[random.Next(places.Length)];
        }
        return drawn;
    }
}
