namespace Gyre.Lab.Statistics;

/// <summary>Page's test of a trend over ordered levels, every block measured at every level (Page 1963).</summary>
/// <param name="L">Σ_j j·(sum of the ranks at level j): large where values rise with the level.</param>
/// <param name="Rising">One-sided p-value that values rise.</param>
/// <param name="Falling">One-sided p-value that they fall.</param>
/// <param name="Blocks">Seeds, say.</param>
/// <param name="Levels">Step sizes, say.</param>
internal sealed record PageTrend(double L, double Rising, double Falling, int Blocks, int Levels)
{
    private const int ExactUpTo = 12;
    private const int Draws = 50_000;

    /// <summary>
    /// Tests; exact up to twelve levels (ties have mean ranks, and count as they are), else by 50,000 random
    /// permutations: (1 + as far)/(1 + permutations).
    /// </summary>
    /// <param name="values">A block each, with its values in the order of the levels.</param>
    /// <param name="seed">Of the permutations.</param>
    /// <exception cref="ArgumentException">No block, fewer than two levels, blocks of different lengths, or a value
    /// that is not a number.</exception>
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
    /// Tests values some of which are lower bounds: pairs whose order is not known count as ties
    /// (<see cref="CensoredRanks"/>). Exact given the pattern of the bounds, and as long as no level is bounded more
    /// often than another for a reason of its own.
    /// </summary>
    /// <param name="values">A block each: its values in the order of the levels, and whether each is a lower
    /// bound.</param>
    /// <param name="seed">Of the permutations.</param>
    /// <exception cref="ArgumentException">As of <see cref="Test"/>.</exception>
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

    /// <summary>Twice the ranks are whole numbers, ties too, and so is every score.</summary>
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
            // Every order of the same ranks is as likely, so blocks differ by their ties alone.
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

    /// <summary>Share of the orders with each score. Built level by level: what lies at the levels so far matters
    /// only as a set, so there are 2ⁿ states and not n! orders.</summary>
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
