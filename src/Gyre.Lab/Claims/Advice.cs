using Gyre.Lab.Dynamics;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Statistics;

namespace Gyre.Lab.Claims;

/// <summary>A way to train that was tried: a rate, or a rate that is reduced at a step.</summary>
/// <param name="Name">As the sweep names the group.</param>
/// <param name="LearningRate">Mean eta over seeds, before any reduction.</param>
/// <param name="EdgeUnits">eta over 2/S(theta_0).</param>
/// <param name="ReducedTo">Mean eta after the reduction; null where there is none.</param>
/// <param name="ReducedAt">Its step.</param>
/// <param name="Mean">Mean score over seeds (<see cref="Score.Get"/>).</param>
/// <param name="Seeds">How many.</param>
/// <param name="Rise">Mean gain of score over the last fifth of the steps; NaN where it was not evaluated
/// before.</param>
/// <param name="Rising">Whether every seed gained, and the mean more than few would care for: training goes on.</param>
/// <param name="Odds">What is expected of it; null where no way has two seeds.</param>
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

/// <summary>What a sweep over step sizes says about how to train.</summary>
/// <param name="Score">What was compared.</param>
/// <param name="Tried">Every way that diverged at no seed, in the order of the sweep's groups.</param>
/// <param name="Recommended">The way of smallest expected regret; of one seed, the best; null where every one
/// diverged.</param>
/// <param name="Stable">The best of the rates at which sharpness never reached the threshold; where there is none,
/// the smallest rate.</param>
/// <param name="StableIsStable">Whether it never reached the threshold.</param>
/// <param name="Gain">Score of the best less that of the stable one, on seeds that chose neither.</param>
/// <param name="Evidence">Whether the interval of the gain lies above 0.</param>
/// <param name="Lack">Where there is no evidence: why.</param>
/// <param name="Seedless">Whether the seeds change nothing, so that more of them tell nothing.</param>
/// <param name="UnstableFrom">Smallest rate at which sharpness reached the threshold at some seed; null of
/// none.</param>
/// <param name="CatapultsFrom">Smallest rate at which some seed was a catapult; null of none.</param>
/// <param name="DivergesFrom">Smallest rate at which some seed diverged; null of none.</param>
/// <param name="Sharpness">Mean S(theta_0) over seeds, with its interval.</param>
/// <param name="Seeds">How many.</param>
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

    /// <summary>The best seen.</summary>
    public TriedRate? Best => Tried.MaxBy(one => one.Mean);

    /// <summary>The ways that seeds are worth spending on: with a chance of 5 % or more to be the best, the
    /// recommended one, and the best stable one, which it is compared with.</summary>
    public IReadOnlyList<TriedRate> Contenders =>
        [.. Tried.Where(one => one == Recommended || one == Stable || one.Odds is { ChanceBest: >= Hopeful })];

    /// <summary>
    /// From the finished cells. What is recommended is the way of smallest expected regret
    /// (<see cref="SmallestRegret"/>), whether or not there
    /// is evidence of a gain over the stable rates. The gain is of seeds that chose neither way: seed by seed, the
    /// best way and the best stable
    /// one are chosen by the mean score of the other seeds. Seeds after the first ones, where ways were left out, are
    /// the only ones compared.
    /// </summary>
    /// <param name="data">The cells.</param>
    /// <param name="first">Seeds that every way was tried at; null: all. Ways are left out at later seeds.</param>
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
            return "every rate diverged at some seed";
        if (stable.Length == all.Length)
            return "sharpness never reached the threshold at any rate that did not diverge";
        if (data.Seedless)
            return "the seeds change nothing: the start and the samples are the same for each, so there is no error "
                + "bar";
        if (gain.Count < 2)
            return "one seed has no error bar";
        return gain.Low > 0 ? null : "the difference is not clear of 0";
    }

    /// <summary>The smallest rate throughout at which some seed was so.</summary>
    private static TriedRate? First(ClaimData data, Score score, Func<CellMeasures, bool> was)
    {
        var found = data.Every.FirstOrDefault(group => group.Cells[0].Cell.Parent is null && group.Cells.Any(was));
        return found is null ? null : new AdviceWay(found, score).Tried(null);
    }
}

/// <summary>What a sweep took, forks' shared beginnings counted once.</summary>
/// <param name="Runs">Finished.</param>
/// <param name="Gradients">Over all samples.</param>
/// <param name="Products">Hessian-vector products over all samples.</param>
/// <param name="Seconds">Of all processes together.</param>
internal sealed record SweepCost(int Runs, long Gradients, long Products, double Seconds)
{
    /// <summary>From the run folders.</summary>
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
