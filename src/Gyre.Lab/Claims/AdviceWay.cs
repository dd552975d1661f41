using Gyre.Lab.Statistics;

namespace Gyre.Lab.Claims;

/// <summary>One way to train, with its scores by seed.</summary>
internal sealed class AdviceWay(ClaimGroup group, Score score)
{
    /// <summary>Score of each seed.</summary>
    public IReadOnlyDictionary<int, double> Scores { get; } =
        group.Cells.ToDictionary(cell => cell.Cell.Seed, score.Get);

    /// <summary>Mean score over seeds.</summary>
    public double Mean => Scores.Values.Average();

    /// <summary>Whether the learning rate is reduced during the run.</summary>
    public bool IsFork => group.Cells[0].Cell.Parent is not null;

    /// <summary>Whether the learning rate is not reduced and sharpness never reached the threshold.</summary>
    public bool IsStable => !IsFork && group.Cells.All(cell => !cell.Unstable);

    /// <summary>
    /// Returns the ways that have each of the first seeds and never diverged: unreduced learning rates in
    /// increasing order, then reduced ones.
    /// </summary>
    public static AdviceWay[] Create(ClaimData data, Score score, IReadOnlyList<int> first) =>
        [
            .. data
                .Every.Where(group => group.Sound && first.All(seed => group.Cells.Any(cell => cell.Cell.Seed == seed)))
                .Select(group => new AdviceWay(group, score)),
        ];

    /// <summary>
    /// Returns the gain of the best way over the best stable one at each compared seed. Both are chosen by the mean
    /// over the other seeds, among the ways that have every seed. If ways were left out after the first seeds, those
    /// seeds selected the remaining ways. Only the later seeds are compared then, provided that there are at least
    /// two.
    /// </summary>
    public static Interval Gains(
        AdviceWay[] all,
        AdviceWay[] stable,
        IReadOnlyList<int> first,
        IReadOnlyList<int> seeds
    )
    {
        bool Whole(AdviceWay way) => seeds.All(way.Scores.ContainsKey);
        AdviceWay[] among = [.. all.Where(Whole)],
            safe = [.. stable.Where(Whole)];
        int[] later = [.. seeds.Except(first)],
            compared = later.Length >= 2 ? later : [.. seeds];
        if (among.Length == 0 || safe.Length == 0 || seeds.Count < 2)
            return MeanInterval.Student([]);
        AdviceWay Chosen(int left, AdviceWay[] ways) =>
            ways.MaxBy(way => seeds.Where(seed => seed != left).Average(seed => way.Scores[seed]))!;
        return MeanInterval.Student([
            .. compared.Select(seed => Chosen(seed, among).Scores[seed] - Chosen(seed, safe).Scores[seed]),
        ]);
    }

    /// <summary>Converts the way to the record shown in reports and files.</summary>
    public TriedRate Tried(WayOdds? odds)
    {
        double[] rises = [.. group.Cells.Select(cell => score.Get(cell) - score.Earlier(cell))];
        var cell = group.Cells[0].Cell;
        return new TriedRate(
            group.Name,
            group.LearningRate,
            group.Cells.Average(one => one.Cell.EdgeUnits),
            cell.ReducedTo is null ? null : group.Cells.Average(one => one.Cell.ReducedTo ?? double.NaN),
            cell.ForkStep,
            Mean,
            group.Cells.Count,
            rises.Average(),
            rises.All(rise => rise > 0) && rises.Average() > score.Close,
            odds
        );
    }
}
