using Gyre.Lab.Dynamics;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Statistics;

namespace Gyre.Lab.Claims;

/// <summary>A way to train that was tried: a learning rate, or a learning rate that is reduced at a step.</summary>
/// <param name="Name">Name of the group in the sweep.</param>
/// <param name="LearningRate">Mean eta over seeds, before any reduction.</param>
/// <param name="EdgeUnits">eta over 2/S(theta_0).</param>
/// <param name="ReducedTo">Mean eta after the reduction; null if there is none.</param>
/// <param name="ReducedAt">Step of the reduction; null if there is none.</param>
/// <param name="Mean">Mean score over seeds (<see cref="Score.Get"/>).</param>
/// <param name="Seeds">The number of seeds.</param>
/// <param name="Rise">Mean gain of score over the last fifth of the steps; NaN if the score was not evaluated
/// earlier.</param>
/// <param name="Rising">Whether the score rose at every seed and the mean gain is not negligible. If so, training has
/// not converged.</param>
/// <param name="Odds">The expected performance; null if no way has two seeds.</param>
internal sealed record TriedRate(
    string Name,
    double LearningRate,
    double EdgeUnits,
    double? ReducedTo,
    long? ReducedAt,
    double Mean,
    int Seeds,
    double Rise,
    bool Rising,
    WayOdds? Odds
);

/// <summary>The advice that a sweep over learning rates gives on how to train.</summary>
/// <param name="Score">The score used for the comparison.</param>
/// <param name="Tried">The ways that diverged at no seed, in the order of the sweep's groups.</param>
/// <param name="Recommended">The way of smallest expected regret or, with one seed, the best way; null if every way
/// diverged.</param>
/// <param name="Stable">The best of the learning rates at which sharpness never reached the threshold or, if there is
/// none, the smallest learning rate.</param>
/// <param name="StableIsStable">Whether sharpness never reached the threshold at <paramref name="Stable"/>.</param>
/// <param name="Gain">Score of the best way minus that of the best stable one, on seeds not used to choose
/// either.</param>
/// <param name="Evidence">Whether the interval of the gain lies above 0.</param>
/// <param name="Lack">The reason for the lack of evidence; null if there is evidence.</param>
/// <param name="Seedless">Whether the seeds change nothing, so that more seeds would add no information.</param>
/// <param name="UnstableFrom">Smallest learning rate at which sharpness reached the threshold at some seed; null if
/// there is none.</param>
/// <param name="CatapultsFrom">Smallest learning rate at which some seed was a catapult; null if there is
/// none.</param>
/// <param name="DivergesFrom">Smallest learning rate at which some seed diverged; null if there is none.</param>
/// <param name="Sharpness">Mean S(theta_0) over seeds, with its interval.</param>
/// <param name="Seeds">The number of seeds.</param>
internal sealed record Advice(
    Score Score,
    IReadOnlyList<TriedRate> Tried,
    TriedRate? Recommended,
    TriedRate? Stable,
    bool StableIsStable,
    Interval Gain,
    bool Evidence,
    string? Lack,
    bool Seedless,
    TriedRate? UnstableFrom,
    TriedRate? CatapultsFrom,
    TriedRate? DivergesFrom,
    Interval Sharpness,
    int Seeds
)
{
    private const double Hopeful = 0.05;

    /// <summary>The way with the highest mean score.</summary>
    public TriedRate? Best => Tried.MaxBy(one => one.Mean);

    /// <summary>
    /// The ways worth running at more seeds: those with a chance of at least 5 % to be the best, the recommended one,
    /// and the best stable one, with which it is compared.
    /// </summary>
    public IReadOnlyList<TriedRate> Contenders =>
        [.. Tried.Where(one => one == Recommended || one == Stable || one.Odds is { ChanceBest: >= Hopeful })];

    /// <summary>
    /// Creates the advice from the finished cells. It recommends the way of smallest expected regret
    /// (<see cref="SmallestRegret"/>), whether or not there is evidence of a gain over the stable learning rates. The
    /// gain is cross-validated: for each seed, the best way and the best stable one are chosen by the mean score of
    /// the other seeds. If ways were left out after the first seeds and there are at least two later seeds, only the
    /// later ones are compared.
    /// </summary>
    /// <param name="data">The finished cells.</param>
    /// <param name="first">Seeds at which every way was tried; null for all. Ways are left out at later
    /// seeds.</param>
    public static Advice Create(ClaimData data, IReadOnlyList<int>? first = null)
    {
        ArgumentNullException.ThrowIfNull(data);
        var score = Score.For(data.Cells);
        var ways = AdviceWay.Create(data, score, first ?? data.Seeds);
        var odds = SmallestRegret.TryFind([.. ways.Select(way => way.Scores)], ClaimCatalog.Seed);
        TriedRate[] tried = [.. ways.Select((way, i) => way.Tried(odds?[i]))];
        AdviceWay[] stable = [.. ways.Where(way => way.IsStable)];
        var fallback = stable.Length > 0 ? stable : [.. ways.Where(way => !way.IsFork).Take(1)];
        var gain = AdviceWay.Gains(ways, fallback, first ?? data.Seeds, data.Seeds);
        var lack = data.Obstacle ?? Missing(data, ways, fallback, gain);
        TriedRate? Tried(AdviceWay? way) => way is null ? null : tried[Array.IndexOf(ways, way)];
        return new Advice(
            score,
            tried,
            tried.OrderBy(one => one.Odds?.Regret ?? 0).ThenByDescending(one => one.Mean).FirstOrDefault(),
            Tried(fallback.MaxBy(way => way.Mean)),
            stable.Length > 0,
            gain,
            lack is null,
            lack,
            data.Seedless,
            First(data, score, cell => cell.Unstable || cell.Diverged),
            First(data, score, cell => cell.Outcome == OutcomeNames.Catapult),
            First(data, score, cell => cell.Diverged),
            Initial(data),
            data.Seeds.Count
        );
    }

    private static Interval Initial(ClaimData data) =>
        MeanInterval.Student(
            [
                .. data
                    .Cells.Where(cell => double.IsFinite(cell.InitialSharpness))
                    .GroupBy(cell => cell.Cell.Seed)
                    .OrderBy(seed => seed.Key)
                    .Select(seed => seed.First().InitialSharpness),
            ],
            Bounds.Positive
        );

    private static string? Missing(ClaimData data, AdviceWay[] all, AdviceWay[] stable, Interval gain)
    {
        if (all.Length == 0)
            return "every learning rate diverged at some seed";
        if (stable.Length == all.Length)
            return "sharpness never reached the threshold at any learning rate that did not diverge";
        if (data.Seedless)
            return "the seeds make no difference: start and samples are the same for each, so there is no error "
                + "bar";
        if (gain.Count < 2)
            return "one seed has no error bar";
        return gain.Low > 0 ? null : "the interval of the difference contains 0";
    }

    /// <summary>Returns the smallest unreduced learning rate at which the condition holds at some seed.</summary>
    private static TriedRate? First(ClaimData data, Score score, Func<CellMeasures, bool> was)
    {
        var found = data.Every.FirstOrDefault(group => group.Cells[0].Cell.Parent is null && group.Cells.Any(was));
        return found is null ? null : new AdviceWay(found, score).Tried(null);
    }
}

/// <summary>The cost of a sweep, counting the shared beginnings of forks once.</summary>
/// <param name="Runs">The number of finished runs.</param>
/// <param name="Gradients">The number of gradients over all samples.</param>
/// <param name="Products">The number of Hessian-vector products over all samples.</param>
/// <param name="Seconds">Total time of all processes.</param>
internal sealed record SweepCost(int Runs, long Gradients, long Products, double Seconds)
{
    /// <summary>Sums the cost over the run folders.</summary>
    public static SweepCost Sum(IEnumerable<SweepCell> cells)
    {
        ArgumentNullException.ThrowIfNull(cells);
        var (runs, gradients, products, seconds) = (0, 0L, 0L, 0.0);
        foreach (var cell in cells.Where(cell => cell.Run?.ReadSummary() is not null))
        {
            var first = cell.Cell.ForkStep ?? 0;
            runs++;
            gradients += cell.Run!.EachStep().LongCount(step => step.Step >= first);
            products += cell.Run.EachCurvature().Where(record => record.Step >= first).Sum(record => record.Products);
            seconds += cell.Run.EachTiming().Sum(timing => timing.Total);
        }
        return new SweepCost(runs, gradients, products, seconds);
    }
}
