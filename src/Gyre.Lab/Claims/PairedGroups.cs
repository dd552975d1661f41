using Gyre.Lab.Statistics;

namespace Gyre.Lab.Claims;

/// <summary>Two groups that differ in one key only, compared by seed.</summary>
/// <param name="Name">Value of the key in <paramref name="Group"/>.</param>
/// <param name="Group">The group to compare with the baseline.</param>
/// <param name="Baseline">The group with the baseline value of the key and everything else equal.</param>
internal sealed record PairedGroups(string Name, ClaimGroup Group, ClaimGroup Baseline)
{
    /// <summary>
    /// Returns every group whose value of the axis is not the baseline's, with its baseline, among groups that did
    /// not diverge.
    /// </summary>
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

    /// <summary>Returns the difference of a measure, group minus baseline, in order of seed.</summary>
    public double[] Differences(Func<CellMeasures, double> measure) =>
        [.. Group.GetValues(measure).Zip(Baseline.GetValues(measure), (one, other) => one - other)];

    /// <summary>Returns the mean difference as a piece of evidence.</summary>
    public Evidence Difference(Measure measure)
    {
        ArgumentNullException.ThrowIfNull(measure);
        var mean = MeanInterval.Student(Differences(measure.Get), measure.Bounds.Differences());
        return new Evidence(
            Judge.Named($"{measure.Name}: {Group.Name} minus {Baseline.Name}", measure.DifferenceUnit),
            mean.Value,
            mean.Low,
            mean.High,
            mean.Method
        );
    }
}
