using Gyre.Lab.Specs;
using Tomlyn.Model;

namespace Gyre.Lab.Sweeps;

/// <summary>Reads sweep.reductions.</summary>
internal static class ReductionReader
{
    private const string Form =
        "each has one of step or time, one of learning_rate, factor (below 1) or edge_units, and optionally "
        + "parents, a list of learning rates: { time = 20, factor = 0.1, parents = [0.4] }";
    private static readonly string[] Known = ["step", "time", "learning_rate", "factor", "edge_units", "parents"];

    /// <summary>Returns every valid entry and records the mistakes of the others.</summary>
    public static List<Reduction> Read(object? given, List<SpecMistake> mistakes)
    {
        IEnumerable<object?> entries = given switch
        {
            null => [],
            TomlArray list => list,
            TomlTableArray tables => tables,
            _ => [given],
        };
        var read = new List<Reduction>();
        foreach (var (number, entry) in entries.Index())
        {
            if (entry is TomlTable table && !table.Keys.Except(Known).Any() && One(table) is { } reduction)
                read.Add(reduction);
            else
                mistakes.Add(
                    new("sweep.reductions", $"number {number + 1}, {SpecCheck.Shown(entry!)}, is not one: {Form}")
                );
        }
        return read;
    }

    private static Reduction? One(TomlTable table)
    {
        var made = new Reduction(
            table.TryGetValue("step", out var step) && SpecCheck.AsWhole(step) is { } at and >= 1 and <= int.MaxValue
                ? at
                : null,
            Positive(table, "time"),
            Positive(table, "learning_rate"),
            Positive(table, "factor"),
            Positive(table, "edge_units"),
            Parents(table)
        );
        var said = table.Count - (table.ContainsKey("parents") ? 1 : 0);
        var whole =
            said == 2
            && (made.Step is null) != (made.Time is null)
            && new[] { made.LearningRate, made.Factor, made.EdgeUnits }.Count(one => one is not null) == 1;
        return whole && made.Factor is not >= 1 && !made.Parents.Any(double.IsNaN) ? made : null;
    }

    private static double? Positive(TomlTable table, string key) =>
        table.TryGetValue(key, out var value)
        && SpecCheck.AsNumber(value!) is { } number
        && number > 0
        && double.IsFinite(number)
            ? number
            : null;

    /// <summary>Returns the parents; NaN stands for an entry that is not a number.</summary>
    private static double[] Parents(TomlTable table)
    {
        if (!table.TryGetValue("parents", out var list))
            return [];
        return list is TomlArray array
            ? [.. array.Select(one => SpecCheck.AsNumber(one!) ?? double.NaN)]
            : [double.NaN];
    }
}
