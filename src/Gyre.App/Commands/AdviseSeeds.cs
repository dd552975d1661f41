using System.Globalization;
using Gyre.Lab.Claims;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Sweeps;

namespace Gyre.App.Commands;

/// <summary>How `gyre advise` spends its seeds: every way gets the first ones, and what the rest would have cost goes
/// to the ways that may be the best.</summary>
internal static class AdviseSeeds
{
    private const int Fewest = 2; // below, there is no interval

    /// <summary>Seeds that every way is tried at: half of those asked for, two at least; all of one or two.</summary>
    public static int First(int asked) => asked <= Fewest ? asked : Math.Max(Fewest, asked / 2);

    /// <summary>
    /// What is to be changed of the first sweep's sets for the second one: rates and reductions that may be the best,
    /// at seeds of their own.
    /// Null where the first seeds are all, or change nothing.
    /// </summary>
    /// <param name="sweep">The first sweep, finished.</param>
    /// <param name="advice">What it says.</param>
    /// <param name="asked">Seeds asked for.</param>
    public static IReadOnlyList<string>? PlanFurther(SweepReader sweep, Advice advice, int asked)
    {
        var cells = sweep.Plan.Cells;
        int[] seeds = [.. cells.Select(cell => cell.Seed).Distinct().Order()];
        if (asked <= seeds.Length || advice.Seedless || advice.Recommended is null)
            return null;
        var names = advice.Contenders.Select(one => one.Name).ToHashSet();
        var meant = cells.Where(cell => names.Contains(cell.Group)).ToArray();
        var rates = meant.Select(RateOf).Distinct().Order().ToArray();
        var runs =
            rates.Length + meant.Where(cell => cell.Parent is not null).Select(cell => cell.Group).Distinct().Count();
        var saved = (asked - seeds.Length) * cells.Select(cell => cell.Group).Distinct().Count();
        var more = Math.Max(Fewest, saved / runs);
        var reductions = meant
            .Where(cell => cell.Parent is not null)
            .GroupBy(cell => cell.ForkStep!.Value)
            .Select(Reduction);
        return
        [
            string.Create(CultureInfo.InvariantCulture, $"name={sweep.Plan.Name}-from-seed-{seeds[^1] + 1}"),
            $"sweep.seeds=[{string.Join(',', Enumerable.Range(seeds[^1] + 1, more))}]",
            $"sweep.axes.training.learning_rate={{values=[{Text(rates)}],unit=\"edge\"}}",
            $"sweep.reductions=[{string.Join(',', reductions)}]",
        ];
    }

    /// <summary>A reduction of the spec: at a step, of the runs at some rates.</summary>
    private static string Reduction(IGrouping<long, SweepCellRecord> moment)
    {
        var parents = Text(moment.Select(RateOf).Distinct().Order());
        return FormattableString.Invariant($"{{step={moment.Key},factor={AdviseCommand.Factor},parents=[{parents}]}}");
    }

    /// <summary>The rate in edge units, as the axis gives it.</summary>
    private static double RateOf(SweepCellRecord cell) =>
        double.Parse(cell.Values[SweepSpec.RateKey], CultureInfo.InvariantCulture);

    /// <summary>Numbers as a spec has them.</summary>
    public static string Text(IEnumerable<double> values) =>
        string.Join(',', values.Select(value => value.ToString(CultureInfo.InvariantCulture)));
}
