using Gyre.Lab.Runs;
using Gyre.Lab.Statistics;

namespace Gyre.Lab.Claims;

/// <summary>A way to train that was tried: a rate, or a rate that is reduced at a step.</summary>
/// <param name="Name">As the sweep names the group.</param>
/// <param name="LearningRate">Mean eta over seeds, before any reduction.</param>
/// <param name="EdgeUnits">eta over 2/S(theta_0).</param>
/// <param name="ReducedTo">Mean eta after the reduction; null where there is none.</param>
/// <param name="ReducedAt">Its step.</param>
/// <param name="Mean">Mean score over seeds (<see cref="Score.Of"/>).</param>
public sealed record TriedRate(string Name, double LearningRate, double EdgeUnits, double? ReducedTo, long? ReducedAt, double Mean);

/// <summary>What a sweep over step sizes says about how to train.</summary>
/// <param name="Score">What was compared.</param>
/// <param name="Best">The best of all; null where every one diverged.</param>
/// <param name="Stable">The best of the rates at which sharpness never reached the threshold; where there is none, the smallest rate.</param>
/// <param name="StableIsStable">Whether it never reached the threshold.</param>
/// <param name="Gain">Score of the best less that of the stable one, on seeds that chose neither.</param>
/// <param name="Evidence">Whether the interval of the gain lies above 0.</param>
/// <param name="Lack">Where there is no evidence: why.</param>
/// <param name="UnstableFrom">Smallest rate at which sharpness reached the threshold at some seed; null of none.</param>
/// <param name="CatapultsFrom">Smallest rate at which some seed was a catapult; null of none.</param>
/// <param name="DivergesFrom">Smallest rate at which some seed diverged; null of none.</param>
/// <param name="Sharpness">Mean S(theta_0) over seeds, with its interval.</param>
/// <param name="Seeds">How many.</param>
public sealed record Advice(
    Score Score, TriedRate? Best, TriedRate? Stable, bool StableIsStable, Interval Gain, bool Evidence, string? Lack, TriedRate? UnstableFrom, TriedRate? CatapultsFrom, TriedRate? DivergesFrom,
    Interval Sharpness, int Seeds)
{
    /// <summary>The best where that is more than chance, else the best stable rate; null where every one diverged.</summary>
    public TriedRate? Recommended => Evidence ? Best : Stable;

    /// <summary>
    /// From the finished cells. The gain is cross-validated: seed by seed, the best way and the best stable rate are chosen by the mean score of the other seeds and compared at this one, so that a choice among many is
    /// not taken for a gain; Student's interval over seeds. Seeds that choose for one another are not independent: among 30 equal ways the 95 % interval lay above 0 in one of twenty trials, and not in one of forty (docs/theory.md).
    /// </summary>
    public static Advice Of(ClaimData data)
    {
        ArgumentNullException.ThrowIfNull(data);
        var score = Score.For(data.Cells);
        ClaimGroup[] stable = [.. data.SoundGroups.Where(group => group.Cells.All(cell => !cell.Unstable))];
        var fallback = stable.Length > 0 ? stable : [.. data.SoundGroups.Take(1)];
        ClaimGroup[] all = [.. data.SoundGroups, .. data.Forks];
        var gain = Gains(all, fallback, score, data.Seeds.Count);
        var lack = data.Obstacle ?? Missing(all, fallback, score, data.Seeds.Count, gain);
        return new Advice(
            score, Top(all, score), Top(fallback, score), stable.Length > 0, gain, lack is null, lack,
            First(data, score, group => group.Cells.Any(cell => cell.Unstable || cell.Diverged)), First(data, score, group => group.Cells.Any(cell => cell.Outcome == "catapult")),
            First(data, score, group => group.Cells.Any(cell => cell.Diverged)), Initial(data), data.Seeds.Count);
    }

    private static Interval Initial(ClaimData data) =>
        MeanInterval.Student([.. data.Cells.Where(cell => double.IsFinite(cell.InitialSharpness)).GroupBy(cell => cell.Cell.Seed).OrderBy(seed => seed.Key).Select(seed => seed.First().InitialSharpness)]);

    private static Interval Gains(ClaimGroup[] all, ClaimGroup[] stable, Score score, int seeds)
    {
        if (all.Length == 0 || stable.Length == 0 || seeds < 2)
            return MeanInterval.Student([]);
        ClaimGroup Without(int seed, ClaimGroup[] among) => among.MaxBy(group => group.Of(score.Of).Where((_, i) => i != seed).Average())!;
        return MeanInterval.Student([.. Enumerable.Range(0, seeds).Select(seed => score.Of(Without(seed, all).Cells[seed]) - score.Of(Without(seed, stable).Cells[seed]))]);
    }

    private static string? Missing(ClaimGroup[] all, ClaimGroup[] stable, Score score, int seeds, Interval gain)
    {
        if (all.Length == 0)
            return "every rate diverged at some seed";
        if (stable.Length == all.Length)
            return "sharpness never reached the threshold at any rate that did not diverge";
        if (seeds < 2)
            return "one seed has no error bar";
        if (all.All(group => group.Of(score.Of) is var values && values.All(value => value.Equals(values[0]))))
            return "the seeds change nothing: the start and the samples are the same for each, so there is no error bar";
        return gain.Low > 0 ? null : "the difference is not clear of 0";
    }

    private static TriedRate? Top(IEnumerable<ClaimGroup> groups, Score score) => groups.Select(group => Tried(group, score)).MaxBy(one => one.Mean);

    private static TriedRate? First(ClaimData data, Score score, Func<ClaimGroup, bool> meant) => data.Groups.FirstOrDefault(meant) is { } group ? Tried(group, score) : null;

    private static TriedRate Tried(ClaimGroup group, Score score) => new(
        group.Name, group.LearningRate, group.Cells.Average(cell => cell.Cell.EdgeUnits), group.Cells[0].Cell.ReducedTo is null ? null : group.Cells.Average(cell => cell.Cell.ReducedTo ?? double.NaN),
        group.Cells[0].Cell.ForkStep, group.Of(score.Of).Average());
}

/// <summary>What a sweep took, forks' shared beginnings counted once.</summary>
/// <param name="Runs">Finished.</param>
/// <param name="Gradients">Over all samples.</param>
/// <param name="Products">Hessian-vector products over all samples.</param>
/// <param name="Seconds">Of all processes together.</param>
public sealed record SweepCost(int Runs, long Gradients, long Products, double Seconds)
{
    /// <summary>From the run folders.</summary>
    public static SweepCost Of(IEnumerable<SweepCell> cells)
    {
        ArgumentNullException.ThrowIfNull(cells);
        var (runs, gradients, products, seconds) = (0, 0L, 0L, 0.0);
        foreach (var cell in cells.Where(cell => cell.Run?.Summary is not null))
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
