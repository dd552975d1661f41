namespace Gyre.Lab.Statistics;

/// <summary>
/// Page's test of a trend over ordered levels, with every block measured at every level (Page 1963).
/// </summary>
/// <param name="L">Σ_j j·(sum of the ranks at level j), which is large if values rise with the level.</param>
/// <param name="Rising">One-sided p-value of the test for rising values.</param>
/// <param name="Falling">One-sided p-value of the test for falling values.</param>
/// <param name="Blocks">The number of blocks, such as seeds.</param>
/// <param name="Levels">The number of levels, such as learning rates.</param>
internal sealed record PageTrend(double L, double Rising, double Falling, int Blocks, int Levels)
{
    private const int ExactUpTo = 12;
    private const int Draws = 50_000;

    /// <summary>
    /// Runs the test. It is exact up to twelve levels, with mean ranks for ties taken into account. For more levels
    /// it draws 50,000 random permutations: (1 + permutations at least as extreme)/(1 + permutations).
    /// </summary>
    /// <param name="values">One list per block, with its values in the order of the levels.</param>
    /// <param name="seed">Seed for the permutations.</param>
    /// <exception cref="ArgumentException">There is no block, there are fewer than two levels, the blocks differ in
    /// length, or a value is not a number.</exception>
    public static PageTrend Test(IReadOnlyList<IReadOnlyList<double>> values, int seed)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (
            values.Count == 0
            || values[0].Count < 2
            || values.Any(block => block.Count != values[0].Count || block.Any(double.IsNaN))
        )
            throw new ArgumentException("Every block needs a value at each of two or more levels.", nameof(values));
        return FromRanks([.. values.Select(block => RankLevels.From(block).DoubledRanks())], seed);
    }

    /// <summary>
    /// Runs the test on values of which some are lower bounds. Pairs whose order is unknown count as ties
    /// (<see cref="CensoredRanks"/>). The test is exact given the pattern of the bounds, provided that no level has
    /// more bounds than another for reasons unrelated to the trend.
    /// </summary>
    /// <param name="values">One list per block: its values in the order of the levels, and whether each is a lower
    /// bound.</param>
    /// <param name="seed">Seed for the permutations.</param>
    /// <exception cref="ArgumentException">The same conditions as for <see cref="Test"/>.</exception>
    public static PageTrend FromBounds(IReadOnlyList<IReadOnlyList<(double Value, bool LowerBound)>> values, int seed)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (values.Count == 0 || values[0].Count < 2 || values.Any(block => block.Count != values[0].Count))
            throw new ArgumentException("Every block needs a value at each of two or more levels.", nameof(values));
        var ranks = values.Select(block =>
            CensoredRanks.Doubled([.. block.Select(one => one.Value)], [.. block.Select(one => one.LowerBound)])
        );
        return FromRanks([.. ranks], seed);
    }

    /// <summary>
    /// Tests doubled ranks, which are whole numbers even with ties. Every score is then a whole number too.
    /// </summary>
    private static PageTrend FromRanks(int[][] doubled, int seed)
    {
        var score = doubled.Sum(Score);
        var (rising, falling) = doubled[0].Length <= ExactUpTo ? Exact(doubled, score) : Drawn(doubled, score, seed);
        return new PageTrend(score / 2.0, rising, falling, doubled.Length, doubled[0].Length);
    }

    private static int Score(int[] ranks) => ranks.Select((rank, level) => (level + 1) * rank).Sum();

    private static (double Rising, double Falling) Exact(int[][] blocks, int score)
    {
        double[] all = [1];
        var known = new Dictionary<string, double[]>();
        foreach (var block in blocks)
        {
            // All orders of the same ranks are equally likely, so the distributions of two blocks differ only by
            // their ties.
            int[] ranks = [.. block.Order()];
            var key = string.Join(' ', ranks);
            all = Sum(all, known.TryGetValue(key, out var found) ? found : known[key] = Shares(ranks));
        }
        return (Math.Min(1, all.Skip(score).Sum()), Math.Min(1, all.Take(score + 1).Sum()));
    }

    private static double[] Sum(double[] one, double[] other)
    {
        var sum = new double[one.Length + other.Length - 1];
        for (var a = 0; a < one.Length; a++)
        {
            for (var b = 0; b < other.Length && one[a] > 0; b++)
                sum[a + b] += one[a] * other[b];
        }
        return sum;
    }

    /// <summary>
    /// Returns the share of the orders with each score. It is built level by level. Only the set of ranks placed so
    /// far matters, not their order, so there are 2ⁿ states instead of n! orders.
    /// </summary>
    private static double[] Shares(int[] ranks)
    {
        var (n, most) = (ranks.Length, Score(ranks));
        var orders = new double[1 << n][];
        orders[0] = new double[most + 1];
        orders[0][0] = 1;
        for (var set = 0; set < orders.Length - 1; set++)
        {
            var level = System.Numerics.BitOperations.PopCount((uint)set) + 1;
            for (var i = 0; i < n; i++)
            {
                if ((set >> i & 1) == 0)
                    AddShifted(orders[set | 1 << i] ??= new double[most + 1], orders[set], level * ranks[i]);
            }
            orders[set] = [];
        }
        var whole = orders[^1].Sum();
        return [.. orders[^1].Select(count => count / whole)];
    }

    private static void AddShifted(double[] to, double[] from, int by)
    {
        for (var score = 0; score + by < to.Length; score++)
            to[score + by] += from[score];
    }

    private static (double Rising, double Falling) Drawn(int[][] blocks, int score, int seed)
    {
        var random = Chance.From(seed);
        var shuffled = blocks.Select(block => (int[])block.Clone()).ToArray();
        var (above, below) = (1, 1);
        for (var draw = 0; draw < Draws; draw++)
        {
            foreach (var block in shuffled)
                random.Shuffle(block);
            var drawn = shuffled.Sum(Score);
            (above, below) = (above + (drawn >= score ? 1 : 0), below + (drawn <= score ? 1 : 0));
        }
        return (above / (1.0 + Draws), below / (1.0 + Draws));
    }
}
