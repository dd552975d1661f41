namespace Gyre.Lab.Claims;

/// <summary>A group of a ladder.</summary>
/// <param name="Moment">Mean training time of the reduction over seeds; 0 for the small learning rate
/// throughout.</param>
/// <param name="Group">The cells, one for every seed.</param>
internal sealed record Rung(double Moment, ClaimGroup Group)
{
    /// <summary>Display name of the moment.</summary>
    public string Name => Moment == 0 ? "never large" : $"large until time {Judge.Text(Moment)}";
}

/// <summary>
/// One large learning rate reduced at several moments to one small learning rate. The runs are never large, large for
/// longer and longer, and never reduced.
/// </summary>
/// <param name="Large">The group that was never reduced; null if it diverged or is not finished.</param>
/// <param name="Rungs">The rungs by increasing moment, the small learning rate throughout first, without diverged
/// cells.</param>
internal sealed record LadderGroups(ClaimGroup? Large, IReadOnlyList<Rung> Rungs)
{
    private const int Fewest = 2;

    /// <summary>The group at the small learning rate throughout.</summary>
    public ClaimGroup Control => Rungs[0].Group;

    /// <summary>The rungs that were reduced.</summary>
    public IEnumerable<Rung> Reduced => Rungs.Skip(1);

    /// <summary>The rung reduced last.</summary>
    public Rung Last => Rungs[^1];

    /// <summary>Display name of the small learning rate.</summary>
    public string Small => Control.Name;

    /// <summary>Returns every ladder of a sweep, by increasing small learning rate.</summary>
    public static IReadOnlyList<LadderGroups> FromData(ClaimData data)
    {
        ArgumentNullException.ThrowIfNull(data);
        return
        [
            .. from fork in data.Forks
            let control = data.ReducedTo(fork)
            where control is not null && double.IsFinite(fork.Cells[0].ForkTime)
            // forks of one parent have the parent's learning rates, seed by seed
            group fork by (fork.LearningRate, Control: control) into forks
            where forks.Count() >= Fewest
            orderby forks.Key.Control.LearningRate
            select new LadderGroups(
                data.SoundGroups.FirstOrDefault(one => one.LearningRate == forks.Key.LearningRate),
                [
                    new Rung(0, forks.Key.Control),
                    .. forks
                        .Select(fork => new Rung(fork.Cells.Average(cell => cell.ForkTime), fork))
                        .OrderBy(rung => rung.Moment),
                ]
            ),
        ];
    }

    /// <summary>
    /// Returns the smallest loss that every rung passes at every seed with a finite number at the passage; null if
    /// there is none.
    /// </summary>
    public double? CommonLoss(Func<LossPassage, double> number)
    {
        var cells = Rungs.SelectMany(rung => rung.Group.Cells).ToArray();
        var common = LossPassage
            .Losses.Where(loss => Array.TrueForAll(cells, cell => double.IsFinite(At(cell, loss, number))))
            .ToArray();
        return common.Length == 0 ? null : common.Min();
    }

    /// <summary>Returns a number at the passage of a loss, by rung and in order of seed.</summary>
    public double[][] AtLoss(double loss, Func<LossPassage, double> number) =>
        [.. Rungs.Select(rung => rung.Group.GetValues(cell => At(cell, loss, number)))];

    /// <summary>
    /// Returns a sentence on the runs that reached the threshold at the small learning rate; empty if there are none.
    /// </summary>
    public string MetThreshold()
    {
        var cells = Rungs.SelectMany(rung => rung.Group.Cells).ToArray();
        var met = cells.Count(cell => cell.After.MostOfThreshold >= 1);
        return met == 0
            ? ""
            : $"; at the small learning rate, sharpness reached the threshold in {met} of {cells.Length} runs";
    }

    /// <summary>
    /// Combines the verdicts at every small learning rate. The claim is supported if every verdict is. Otherwise the
    /// first verdict that is not supported or opposite decides.
    /// </summary>
    public static Verdict Together(
        string claim,
        string statement,
        string rule,
        IReadOnlyList<LadderGroups> ladders,
        Func<LadderGroups, Verdict> of
    )
    {
        Verdict[] verdicts = [.. ladders.Select(of)];
        if (verdicts.Length == 1)
            return verdicts[0];
        var against = verdicts
            .Select(one => one.Kind)
            .Where(kind => kind is VerdictKind.NotSupported or VerdictKind.Opposite)
            .ToArray();
        var open = against.Length > 0 ? against[0] : VerdictKind.Inconclusive;
        var kind = verdicts.All(one => one.Kind == VerdictKind.Supported) ? VerdictKind.Supported : open;
        var reasons = verdicts.Zip(ladders, (one, ladder) => $"{ladder.Small}: {one.Reason}");
        return new Verdict(
            claim,
            statement,
            kind,
            rule,
            string.Join("; ", reasons),
            [.. verdicts.SelectMany(one => one.Evidence)]
        );
    }

    private static double At(CellMeasures cell, double loss, Func<LossPassage, double> number) =>
        cell.After.At(loss) is { } passage ? number(passage) : double.NaN;
}
