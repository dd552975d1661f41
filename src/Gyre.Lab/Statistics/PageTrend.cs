namespace Gyre.Lab.Statistics;

/// <summary>Page's test of a trend over ordered levels, every block measured at every level (Page 1963).</summary>
/// <param name="L">Σ_j j·(sum of the ranks at level j): large where values rise with the level.</param>
/// <param name="Rising">One-sided p-value that values rise.</param>
/// <param name="Falling">One-sided p-value that they fall.</param>
/// <param name="Blocks">Seeds, say.</param>
/// <param name="Levels">Step sizes, say.</param>
public sealed record PageTrend(double L, double Rising, double Falling, int Blocks, int Levels)
{
    private const int EnumerateUpTo = 8;
    private const int Draws = 50_000;

    /// <summary>Tests; exact up to eight levels (ties have mean ranks, and count as they are), else by 50,000 random permutations a block.</summary>
    /// <param name="values">A block each, with its values in the order of the levels.</param>
    /// <param name="seed">Of the permutations.</param>
    /// <exception cref="ArgumentException">No block, fewer than two levels, or blocks of different lengths.</exception>
    public static PageTrend Of(IReadOnlyList<IReadOnlyList<double>> values, int seed)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (values.Count == 0 || values[0].Count < 2 || values.Any(block => block.Count != values[0].Count))
            throw new ArgumentException("Every block needs a value at each of two or more levels.", nameof(values));
        // Twice the ranks are whole numbers, ties too, and so is every score.
        var doubled = values.Select(block => RankCorrelation.Ranks(block).Select(rank => (int)Math.Round(2 * rank)).ToArray()).ToArray();
        var score = doubled.Sum(Score);
        var distribution = new Dictionary<int, double> { [0] = 1 };
        var random = Chance.From(seed);
        foreach (var block in doubled)
            distribution = Sum(distribution, block.Length <= EnumerateUpTo ? Every(block) : Drawn(block, random));
        return new PageTrend(score / 2.0, distribution.Where(pair => pair.Key >= score).Sum(pair => pair.Value), distribution.Where(pair => pair.Key <= score).Sum(pair => pair.Value), values.Count, values[0].Count);
    }

    private static int Score(int[] ranks) => ranks.Select((rank, level) => (level + 1) * rank).Sum();

    private static Dictionary<int, double> Sum(Dictionary<int, double> one, Dictionary<int, double> other)
    {
        var sum = new Dictionary<int, double>();
        foreach (var (a, p) in one)
        {
            foreach (var (b, q) in other)
                sum[a + b] = sum.GetValueOrDefault(a + b) + p * q;
        }
        return sum;
    }

    private static Dictionary<int, double> Every(int[] ranks)
    {
        var scores = new Dictionary<int, double>();
        Permute([.. ranks], ranks.Length, order => scores[Score(order)] = scores.GetValueOrDefault(Score(order)) + 1);
        var all = scores.Values.Sum();
        return scores.ToDictionary(pair => pair.Key, pair => pair.Value / all);
    }

    /// <summary>Every order once (Heap 1963).</summary>
    private static void Permute(int[] order, int count, Action<int[]> visit)
    {
        if (count <= 1)
        {
            visit(order);
            return;
        }
        for (var i = 0; i < count; i++)
        {
            Permute(order, count - 1, visit);
            var other = count % 2 == 0 ? i : 0;
            (order[other], order[count - 1]) = (order[count - 1], order[other]);
        }
    }

    private static Dictionary<int, double> Drawn(int[] ranks, Random random)
    {
        var scores = new Dictionary<int, double>();
        var order = (int[])ranks.Clone();
        for (var i = 0; i < Draws; i++)
        {
            random.Shuffle(order);
            scores[Score(order)] = scores.GetValueOrDefault(Score(order)) + 1.0 / Draws;
        }
        return scores;
    }
}
