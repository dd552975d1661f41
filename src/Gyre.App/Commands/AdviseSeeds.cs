using System.Globalization;
using Gyre.Lab.Claims;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Sweeps;

namespace Gyre.App.Commands;

/// <summary>
/// Distributes the seeds of `gyre advise`: every way gets the first ones, and the cost saved on the rest is spent on
/// the ways that may be the best.
/// </summary>
internal static class AdviseSeeds
{
    private const int Fewest = 2; // with fewer there is no interval

    /// <summary>
    /// Returns the number of seeds that every way is tried with: half of those requested, but at least two; all of
    /// them if one or two are requested.
    /// </summary>
    public static int First(int asked) => asked <= Fewest ? asked : Math.Max(Fewest, asked / 2);

    /// <summary>
    /// Returns the changes of the first sweep's sets that make the second one: learning rates and reductions that may
    /// be the best, with seeds of their own. Null if the first seeds are all there are, or would change nothing.
    /// </summary>
    /// <param name="sweep">The first sweep, finished.</param>
    /// <param name="advice">The advice from the first sweep.</param>
    /// <param name="asked">The number of seeds requested.</param>
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

    /// <summary>Returns a reduction as a spec has it: at a step, for the runs at some learning rates.</summary>
    private static string Reduction(IGrouping<long, SweepCellRecord> moment)
    {
        var parents = Text(moment.Select(RateOf).Distinct().Order());
        return FormattableString.Invariant($"{{step={moment.Key},factor={AdviseCommand.Factor},parents=[{parents}]}}");
    }

    /// <summary>Returns the learning rate in edge units, as the axis gives it.</summary>
    private static double RateOf(SweepCellRecord cell) =>
        double.Parse(cell.Values[SweepSpec.RateKey], CultureInfo.InvariantCulture);

    /// <summary>Formats numbers for a spec.</summary>
    public static string Text(IEnumerable<double> values) =>
        string.Join(',', values.Select(value => value.ToString(CultureInfo.InvariantCulture)));
}
