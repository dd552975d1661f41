using MathNet.Numerics.Distributions;

namespace Gyre.Lab.Statistics;

/// <summary>The expected performance of one of several ways that were tried at several seeds.</summary>
/// <param name="Mean">Mean score after removing the effects that the seeds have on all ways, at the overall level of
/// the scores.</param>
/// <param name="Regret">Expected score of the best way minus that of this one: the average cost of choosing it. Never
/// negative.</param>
/// <param name="MostLost">Upper bound of the regret with 95 % probability.</param>
/// <param name="ChanceBest">Probability that no other way is better.</param>
internal sealed record WayOdds(double Mean, double Regret, double MostLost, double ChanceBest);

/// <summary>
/// Chooses among many ways with few seeds by the smallest expected regret. A score is the mean of its way, plus a
/// seed effect common to all ways (pairing by seed removes it), plus noise. Each way has its own noise variance,
/// moderated toward that of the typical way (Smyth 2004). Means are shrunk toward the median way, the noisier the
/// more (James and Stein 1961), so that the luckiest of many noisy ways is not taken for the best.
/// </summary>
internal static class SmallestRegret
{
    /// <summary>
    /// Degrees of freedom given to the typical variance relative to a way's own variance: as many as a few seeds
    /// have.
    /// </summary>
    private const double PriorFreedom = 4;

    private const int Draws = 4000;
    private const int Rounds = 30;
    private const int Reweighted = 4; // keeps the noise of one way from being mistaken for a seed effect
    private const double Bound = 0.95;
    private const double Smallest = 1e-24; // keeps the weight of a way with variance 0 finite

    /// <summary>
    /// Returns the odds of every way; null if no way has two seeds, since the noise is then unknown.
    /// </summary>
    /// <param name="ways">The score of each way by seed, larger is better. A way may lack seeds.</param>
    /// <param name="seed">Seed for the random draws; the same scores and seed give the same odds.</param>
    public static IReadOnlyList<WayOdds>? TryFind(IReadOnlyList<IReadOnlyDictionary<int, double>> ways, int seed)
    {
        ArgumentNullException.ThrowIfNull(ways);
        if (ways.Count == 0 || ways.Max(way => way.Count) < 2)
            return null;
        double[] means = [],
            noise = [.. ways.Select(_ => 1.0)];
        for (var round = 0; round < Reweighted; round++)
        {
            (means, var seeds) = Additive(ways, noise);
            noise = Noise(ways, means, seeds);
        }
        var errors = ways.Select((way, i) => noise[i] / way.Count).ToArray();
        var center = Quantiles.Median(means);
        var spread = Math.Max(0, means.Average(mean => (mean - center) * (mean - center)) - errors.Average());
        double Kept(int i) => spread + errors[i] > 0 ? spread / (spread + errors[i]) : 1;
        var believed = means
            .Select(
                (mean, i) =>
                    (
                        Mean: center + Kept(i) * (mean - center),
                        Deviation: Math.Sqrt(Kept(i) * errors[i]),
                        Freedom: PriorFreedom + ways[i].Count - 1
                    )
            )
            .ToArray();
        return Drawn(means, believed, Chance.From(seed));
    }

    /// <summary>
    /// Estimates the means of the ways and the seed effects by weighted least squares, alternating between the two.
    /// </summary>
    private static (double[] Means, Dictionary<int, double> Seeds) Additive(
        IReadOnlyList<IReadOnlyDictionary<int, double>> ways,
        double[] noise
    )
    {
        var seeds = ways.SelectMany(way => way.Keys).Distinct().ToDictionary(one => one, _ => 0.0);
        double[] means = [];
        for (var round = 0; round < Rounds; round++)
        {
            means = [.. ways.Select(way => way.Average(pair => pair.Value - seeds[pair.Key]))];
            foreach (var one in seeds.Keys)
                seeds[one] = Added(ways, means, noise, one);
        }
        return (means, seeds);
    }

    private static double Added(
        IReadOnlyList<IReadOnlyDictionary<int, double>> ways,
        double[] means,
        double[] noise,
        int seed
    )
    {
        var (sum, weights) = (0.0, 0.0);
        for (var i = 0; i < means.Length; i++)
        {
            if (ways[i].TryGetValue(seed, out var score))
                (sum, weights) = (sum + (score - means[i]) / noise[i], weights + 1 / noise[i]);
        }
        return sum / weights;
    }

    private static double[] Noise(
        IReadOnlyList<IReadOnlyDictionary<int, double>> ways,
        double[] means,
        Dictionary<int, double> seeds
    )
    {
        var squares = ways.Select((way, i) => way.Sum(pair => Math.Pow(pair.Value - seeds[pair.Key] - means[i], 2)))
            .ToArray();
        var typical = Quantiles.Median(
            from way in ways.Index()
            where way.Item.Count > 1
            select squares[way.Index] / (way.Item.Count - 1)
        );
        return
        [
            .. ways.Select(
                (way, i) => Math.Max(Smallest, (PriorFreedom * typical + squares[i]) / (PriorFreedom + way.Count - 1))
            ),
        ];
    }

    private static WayOdds[] Drawn(
        double[] means,
        (double Mean, double Deviation, double Freedom)[] believed,
        Random random
    )
    {
        var lost = means.Select(_ => new double[Draws]).ToArray();
        var best = new int[means.Length];
        var drawn = new double[means.Length];
        for (var draw = 0; draw < Draws; draw++)
        {
            for (var i = 0; i < drawn.Length; i++)
                drawn[i] =
                    believed[i].Mean + believed[i].Deviation * StudentT.Sample(random, 0, 1, believed[i].Freedom);
            var most = drawn.Max();
            best[Array.IndexOf(drawn, most)]++;
            for (var i = 0; i < drawn.Length; i++)
                lost[i][draw] = most - drawn[i];
        }
        return
        [
            .. means.Select(
                (mean, i) => new WayOdds(mean, lost[i].Average(), Quantiles.At(lost[i], Bound), best[i] / (double)Draws)
            ),
        ];
    }
}
