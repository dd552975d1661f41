using Gyre.Lab.Statistics;

namespace Gyre.Lab.Claims;

/// <summary>Groups that differ in one key alone, compared by seed.</summary>
/// <param name="Name">Value of the key in <paramref name="Group"/>.</param>
/// <param name="Group">The one.</param>
/// <param name="Baseline">The group with the key's first value and everything else equal.</param>
internal sealed record PairedGroups(string Name, ClaimGroup Group, ClaimGroup Baseline)
{
    /// <summary>Every group whose value of the axis is not the baseline's, beside its baseline; of groups that did
    /// not diverge.</summary>
    public static IReadOnlyList<PairedGroups> FromData(ClaimData data, string axis, string baseline)
    {
        string Value(ClaimGroup group) => group.Cells[0].Cell.Values.GetValueOrDefault(axis, "").Trim('"');
        string Others(ClaimGroup group) =>
            string.Join(
                '\n',
                group
                    .Cells[0]
                    .Cell.Values.Where(pair => pair.Key != axis)
                    .OrderBy(pair => pair.Key, StringComparer.Ordinal)
                    .Select(pair => $"{pair.Key}={pair.Value}")
            );
        var bases = data.SoundGroups.Where(group => Value(group) == baseline).ToDictionary(Others);
        return
        [
            .. data
                .SoundGroups.Where(group => Value(group) != baseline && bases.ContainsKey(Others(group)))
                .Select(group => new PairedGroups(Value(group), group, bases[Others(group)])),
        ];
    }

    /// <summary>Difference of a measure, group less baseline, in order of seed.</summary>
    public double[] Differences(Func<CellMeasures, double> measure) =>
        [.. Group.GetValues(measure).Zip(Baseline.GetValues(measure), (one, other) => one - other)];

    /// <summary>The mean difference as a number that a verdict stands on.</summary>
    public Evidence Difference(Measure measure)
    {
        ArgumentNullException.ThrowIfNull(measure);
        var mean = MeanInterval.Student(Differences(measure.Get), measure.Bounds.Differences());
        return new Evidence(
            $"{measure.Name}: {Group.Name} less {Baseline.Name}",
            mean.Value,
            mean.Low,
            mean.High,
            mean.Method
        );
    }
}
