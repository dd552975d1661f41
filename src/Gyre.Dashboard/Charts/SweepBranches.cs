using System.Globalization;
using Gyre.Dashboard.Reading;
using Gyre.Lab.Figures;
using Gyre.Lab.Statistics;

namespace Gyre.Dashboard.Charts;

/// <summary>A run of a sweep as a branch.</summary>
/// <param name="State">The cell.</param>
/// <param name="Forks">The branches that fork from it, in the order of their forks.</param>
internal sealed record Branch(SweepCellState State, IReadOnlyList<Branch> Forks)
{
    /// <summary>Returns this branch and all that fork from it, parents first.</summary>
    public IEnumerable<Branch> All => Forks.SelectMany(fork => fork.All).Prepend(this);

    /// <summary>
    /// The learning rate, or for a fork the rates before and after; in edge units if they are known.
    /// </summary>
    public string Rate
    {
        get
        {
            var cell = State.Cell;
            if (cell.Parent is null)
                return Number(cell.EdgeUnits > 0 ? cell.EdgeUnits : cell.LearningRate);
            return cell is { EdgeUnits: > 0, ReducedToEdgeUnits: > 0 }
                ? $"{Number(cell.EdgeUnits)} → {Number(cell.ReducedToEdgeUnits)}"
                : $"{Number(cell.LearningRate)} → {Number(cell.ReducedTo)}";
        }
    }

    /// <summary>The result: test accuracy if there is one, otherwise the outcome.</summary>
    public string Result =>
        double.IsFinite(State.Accuracy) ? FormattableString.Invariant($"{State.Accuracy:0.0} %") : State.Outcome;

    private static string Number(double? value) => NumberText.Format(value, 3);
}

/// <summary>The tree of parents and forks.</summary>
/// <param name="Roots">The branches without a parent, by the other axes, learning rate and seed.</param>
/// <param name="Seed">The seed that is shown; null for all.</param>
/// <param name="Steps">Whether the horizontal axis is steps instead of training time.</param>
internal sealed record SweepBranches(IReadOnlyList<Branch> Roots, int? Seed, bool Steps)
{
    private const int MostLanes = 150;
    private const int Deepest = 50; // limits the recursion, because a plan can be edited arbitrarily
    private const int ManyCells = 60;
    private const int LaneHeight = 17;
    private const int Around = 110;

    /// <summary>Name of the chart.</summary>
    public const string Id = "branches";

    /// <summary>Parameter of an address: the seed whose branches are shown, or <see cref="EverySeed"/>.</summary>
    public const string SeedName = "seed";

    /// <summary>Value of <see cref="SeedName"/>: all seeds.</summary>
    public const string EverySeed = "all";

    /// <summary>Parameter of an address: the horizontal axis of the branches.</summary>
    public const string OverName = "over";

    /// <summary>Value of <see cref="OverName"/>: steps.</summary>
    public const string StepsAxis = "step";

    /// <summary>
    /// Creates the branches of the seed that an address requests. If it requests none, they are the branches
    /// of all seeds, or of the first one if there are many cells. Cells whose parents are missing or form a cycle are
    /// roots.
    /// </summary>
    public static SweepBranches FromSweep(SweepSnapshot sweep, ViewAddress address)
    {
        var chosen = SeedOf(sweep, address[SeedName]);
        var rates = sweep
            .Cells.GroupBy(state => state.Cell.Group)
            .ToDictionary(
                group => group.Key,
                group => group.Average(state => state.Cell.LearningRate),
                StringComparer.Ordinal
            );
        var cells = sweep
            .Cells.Where(state => chosen is null || state.Cell.Seed == chosen)
            .OrderBy(state => SeriesGroup.SeriesOf(state.Cell), StringComparer.Ordinal)
            .ThenBy(state => rates[state.Cell.Group])
            .ThenBy(state => state.Cell.Seed)
            .ThenBy(state => state.Cell.ForkStep ?? -1)
            .ThenByDescending(state => state.Cell.ReducedTo ?? 0)
            .ToArray();
        var names = cells.Select(state => state.Cell.Folder).ToHashSet(StringComparer.Ordinal);
        var forks = cells
            .Where(state => state.Cell.Parent is not null)
            .ToLookup(state => state.Cell.Parent!, StringComparer.Ordinal);
        var grown = new HashSet<string>(StringComparer.Ordinal);
        var roots = cells
            .Where(state => state.Cell.Parent is not { } parent || !names.Contains(parent))
            .Select(state => Grow(state, 0))
            .ToList();
        foreach (var state in cells.Where(state => !grown.Contains(state.Cell.Folder)))
        {
            if (!grown.Contains(state.Cell.Folder))
                roots.Add(Grow(state, 0));
        }
        return new SweepBranches(roots, chosen, address[OverName] == StepsAxis);

        Branch Grow(SweepCellState state, int depth)
        {
            grown.Add(state.Cell.Folder);
            return new Branch(
                state,
                depth == Deepest
                    ? []
                    :
                    [
                        .. forks[state.Cell.Folder]
                            .Where(fork => !grown.Contains(fork.Cell.Folder))
                            .Select(fork => Grow(fork, depth + 1)),
                    ]
            );
        }
    }

    /// <summary>The drawn branches, one lane each, from the top.</summary>
    public IReadOnlyList<Branch> Lanes => [.. Roots.SelectMany(root => root.All).Take(MostLanes)];

    /// <summary>Returns the cell at a place of the chart; null if there is none.</summary>
    public SweepCellState? At(double y) =>
        Lanes is var lanes && lanes.Count - 1 - (int)Math.Round(y) is var lane && lane >= 0 && lane < lanes.Count
            ? lanes[lane].State
            : null;

    /// <summary>Returns the chart of the tree.</summary>
    public Chart Chart(ViewAddress address)
    {
        var lanes = Lanes;
        var places = lanes
            .Select((branch, i) => (branch.State.Cell.Folder, Y: (double)(lanes.Count - 1 - i)))
            .ToDictionary(pair => pair.Folder, pair => pair.Y, StringComparer.Ordinal);
        var kinds = lanes
            .Where(branch => branch.State.Row is not null)
            .GroupBy(branch => branch.State.Outcome)
            .OrderBy(kind => OutcomeStyle.Number(kind.Key))
            .ToArray();
        var all = Roots.Sum(root => root.All.Count());
        var last = lanes.Select(branch => End(branch.State)).Where(double.IsFinite).DefaultIfEmpty(1).Max();
        return new Chart(
            Id,
            "Branches",
            Steps ? "step" : "training time, Σ eta",
            "branch",
            [.. kinds.Select(kind => Stems(kind, places)), .. kinds.Select(kind => Ends(kind, places))]
        )
        {
            TicksY = Ticks(lanes),
            Right = true,
            Across = (0, last * 1.02),
            Range = (-0.7, lanes.Count - 0.3),
            Linked = false,
            Height = Around + LaneHeight * Math.Max(3, lanes.Count),
            Note = Note(lanes, all),
            Description = string.Create(
                CultureInfo.InvariantCulture,
                $"{all} branches; {lanes.Count(branch => branch.State.Cell.Parent is not null)} "
                    + $"of those drawn are forks. The list below has the same content."
            ),
        };
    }

    /// <summary>Returns the labels of the lanes, with series and seed if there are several.</summary>
    private static Tick[] Ticks(IReadOnlyList<Branch> lanes)
    {
        var seeds = lanes.Select(branch => branch.State.Cell.Seed).Distinct().Count() > 1;
        var several = lanes.Select(branch => SeriesGroup.SeriesOf(branch.State.Cell)).Distinct().Count() > 1;
        string Name(Branch branch)
        {
            var cell = branch.State.Cell;
            var series = several ? $"{SweepView.Short(SeriesGroup.SeriesOf(cell))} · " : "";
            var seed = seeds ? FormattableString.Invariant($" · seed {cell.Seed}") : "";
            return $"{series}{branch.Rate}{seed} · {branch.Result}";
        }
        return [.. lanes.Select((branch, i) => new Tick(lanes.Count - 1 - i, Name(branch)))];
    }

    private string Note(IReadOnlyList<Branch> lanes, int all)
    {
        var forks = lanes.Any(branch => branch.Forks.Count > 0)
            ? "; a fork leaves its parent's lane where the learning rate is reduced"
            : "";
        var unit = lanes.Any(branch => branch.State.Cell.EdgeUnits > 0) ? " in edge units" : "";
        var rates = Steps ? "" : ", computed with the plan's learning rates";
        var open = lanes.All(branch => branch.State.Finished)
            ? ""
            : $" Unfinished runs are drawn at their current length{rates}.";
        var left =
            all > lanes.Count
                ? FormattableString.Invariant(
                    $" {lanes.Count} of {all} branches are drawn; the list below has all of them."
                )
                : "";
        return $"One lane per run{forks}. Labels: the learning rate{unit}, and test accuracy or outcome.{open}{left}";
    }

    private static int? SeedOf(SweepSnapshot sweep, string? given)
    {
        int[] seeds = [.. sweep.Cells.Select(state => state.Cell.Seed).Distinct().Order()];
        if (seeds.Length < 2 || given == EverySeed)
            return null;
        if (int.TryParse(given, CultureInfo.InvariantCulture, out var seed) && seeds.Contains(seed))
            return seed;
        return sweep.Cells.Count > ManyCells ? seeds[0] : null;
    }

    /// <summary>Returns the lines of branches, each from the parent's lane to its own lane and along it.</summary>
    private Line Stems(IGrouping<string, Branch> kind, Dictionary<string, double> lanes)
    {
        var (x, y, texts) = (new List<double>(), new List<double>(), new List<string>());
        foreach (var branch in kind)
        {
            var lane = lanes[branch.State.Cell.Folder];
            var from = Start(branch.State);
            if (branch.State.Cell.Parent is { } parent && lanes.TryGetValue(parent, out var above))
            {
                x.Add(from);
                y.Add(above);
            }
            x.AddRange([from, Math.Max(from, End(branch.State)), double.NaN]);
            y.AddRange([lane, lane, double.NaN]);
            texts.AddRange(Enumerable.Repeat(Hint(branch), x.Count - texts.Count));
        }
        return new Line(kind.Key, x.ToArray(), y.ToArray(), OutcomeStyle.Get(kind.Key).Color)
        {
            Rising = false,
            Broken = true,
            Unlisted = true,
            Width = 2,
            Texts = texts,
            Dashed = kind.Key is RunRow.Stopped or RunRow.Unreadable,
        };
    }

    private Line Ends(IGrouping<string, Branch> kind, Dictionary<string, double> lanes)
    {
        var style = OutcomeStyle.Get(kind.Key);
        return new Line(
            kind.Key,
            kind.Select(branch => Math.Max(Start(branch.State), End(branch.State))).ToArray(),
            kind.Select(branch => lanes[branch.State.Cell.Folder]).ToArray(),
            style.Color
        )
        {
            Shape = LineShape.Marks,
            Mark = style.Mark,
            MarkSize = 9,
            Rising = false,
            Texts = [.. kind.Select(Hint)],
        };
    }

    private static string Hint(Branch branch) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{branch.State.Cell.Group}, seed {branch.State.Cell.Seed}: "
                + $"{(branch.Result == branch.State.Outcome ? "" : $"{branch.Result}; ")}{branch.State.Outcome}. "
                + $"Click to open."
        );

    private double Start(SweepCellState state)
    {
        if (state.Cell is not { ForkStep: { } fork, Parent: not null })
            return 0;
        if (Steps)
            return fork;
        return state.Series?.Measures.ForkTime is { } time && double.IsFinite(time) ? time : Time(state, fork);
    }

    private double End(SweepCellState state)
    {
        if (state.Row is null)
            return Start(state);
        if (Steps)
            return state.Row.Steps;
        return LastTime(state.Series) ?? Time(state, state.Row.Steps);
    }

    /// <summary>
    /// Returns the training time of the last evaluation, which is at the last step. Without a test set, returns that
    /// of the last measurement, which is near it.
    /// </summary>
    private static double? LastTime(CellSeries? done)
    {
        if (done is { TestAccuracy: [.., var evaluated] })
            return evaluated.Time;
        return done is { Sharpness: [.., var measured] } ? measured.Time : null;
    }

    /// <summary>Returns the training time at the plan's learning rates, for a run whose rows are not read.</summary>
    private static double Time(SweepCellState state, long step) =>
        state.Cell is { ForkStep: { } fork, ReducedTo: { } reduced }
            ? Math.Min(fork, step) * state.Cell.LearningRate + Math.Max(0, step - fork) * reduced
            : step * state.Cell.LearningRate;
}
