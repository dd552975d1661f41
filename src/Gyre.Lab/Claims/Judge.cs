using Gyre.Lab.Statistics;

namespace Gyre.Lab.Claims;

/// <summary>Makes verdicts from intervals and tests. There is one method per kind of evidence.</summary>
internal static class Judge
{
    public const double Level = 0.05;
    private const int Digits = 3;

    /// <summary>
    /// Decides by the side of the interval over seeds of the mean over series. A series that lacks a seed is left
    /// out, which the verdict states. If no series is left, <paramref name="lack"/> is the reason.
    /// </summary>
    public static Verdict BySeed(
        string claim,
        string statement,
        string rule,
        IReadOnlyList<(string Name, double[] Values)> series,
        string name,
        double bound,
        bool above,
        string lack,
        Bounds? bounds = null,
        VerdictKind otherwise = VerdictKind.Opposite,
        string unit = ""
    )
    {
        var measured = series.Where(one => one.Values.All(double.IsFinite)).ToArray();
        if (measured.Length == 0)
            return Missing(claim, statement, rule, lack);
        var left =
            measured.Length == series.Count
                ? ""
                : $" ({series.Count - measured.Length} of {series.Count} groups left out: not measured at every seed)";
        var possible = bounds ?? Bounds.None;
        var mean = MeanInterval.Student(ClaimData.BySeed([.. measured.Select(one => one.Values)])!, possible);
        return BySide(
            claim,
            statement,
            rule,
            mean,
            name + left,
            bound,
            above,
            [.. measured.Select(one => Number(Named(one.Name, unit), MeanInterval.Student(one.Values, possible)))],
            otherwise,
            unit
        );
    }

    /// <summary>
    /// Decides by the side of an interval. The claim is supported if the interval lies entirely on the wanted side of
    /// the bound. If it lies entirely on the other side, the verdict is <paramref name="otherwise"/>: the opposite
    /// holds for a difference, and a condition fails elsewhere.
    /// </summary>
    public static Verdict BySide(
        string claim,
        string statement,
        string rule,
        Interval interval,
        string name,
        double bound,
        bool above,
        IReadOnlyList<Evidence>? more = null,
        VerdictKind otherwise = VerdictKind.Opposite,
        string unit = ""
    )
    {
        var (over, under) = (interval.Low > bound, interval.High < bound);
        var notAbove = under ? "below" : "which contains";
        var place = over ? "above" : notAbove;
        var decided = over == above ? VerdictKind.Supported : otherwise;
        var kind = over || under ? decided : VerdictKind.Inconclusive;
        var side = interval.SaysNothing
            ? "too few seeds: the interval covers nearly all possible values"
            : $"{place} {Text(bound)}";
        var reason =
            interval.Count < 2
                ? $"{name} is {Text(interval.Value)}{Spaced(unit)} at one seed; an interval needs two seeds"
                : $"{name} is {Text(interval, unit)}, {side}";
        return new Verdict(claim, statement, kind, rule, reason, [Number(Named(name, unit), interval), .. more ?? []]);
    }

    /// <summary>
    /// Decides by Page's test of every series. The claim is supported if all series have the wanted trend. The
    /// opposite holds if all have the other trend, and the claim is not supported if some do.
    /// </summary>
    public static Verdict ByTrend(
        string claim,
        string statement,
        string rule,
        IReadOnlyList<(string Name, PageTrend Test)> tests,
        bool rising,
        string levels = "rates"
    )
    {
        double Wanted(PageTrend test) => rising ? test.Rising : test.Falling;
        double Other(PageTrend test) => rising ? test.Falling : test.Rising;
        VerdictKind Kind()
        {
            if (tests.All(one => Wanted(one.Test) < Level))
                return VerdictKind.Supported;
            if (tests.All(one => Other(one.Test) < Level))
                return VerdictKind.Opposite;
            return tests.Any(one => Other(one.Test) < Level) ? VerdictKind.NotSupported : VerdictKind.Inconclusive;
        }
        var (wanted, other) = rising ? ("rises", "falls") : ("falls", "rises");
        string Sentence((string Name, PageTrend Test) test)
        {
            if (Wanted(test.Test) < Level)
                return $"{test.Name} {wanted} (p = {NumberText.PValue(Wanted(test.Test))})";
            return Other(test.Test) < Level
                ? $"{test.Name} {other} (p = {NumberText.PValue(Other(test.Test))})"
                : $"{test.Name} shows no trend (p = {NumberText.PValue(Wanted(test.Test))})";
        }
        return new Verdict(
            claim,
            statement,
            Kind(),
            rule,
            string.Join("; ", tests.Select(Sentence)),
            [
                .. tests.Select(test => new Evidence(
                    $"Page's L of {test.Name}",
                    test.Test.L,
                    double.NaN,
                    double.NaN,
                    $"p rising {NumberText.PValue(test.Test.Rising)}, falling {NumberText.PValue(test.Test.Falling)}; "
                        + $"{test.Test.Levels} {levels}, {test.Test.Blocks} seeds"
                )),
            ]
        );
    }

    /// <summary>Returns the verdict on a part that cannot be judged.</summary>
    public static Verdict Missing(string claim, string statement, string rule, string reason) =>
        new(claim, statement, VerdictKind.Inconclusive, rule, reason, []);

    /// <summary>
    /// Decides a claim by its parts. It is supported if all parts are, and not supported if a part is not supported
    /// or the opposite of a part holds.
    /// </summary>
    /// <param name="claim">Number of the claim.</param>
    /// <param name="parts">All parts of the claim.</param>
    /// <param name="shown">Numbers of the parts that decide nothing.</param>
    public static Verdict Whole(
        string claim,
        string statement,
        IReadOnlyList<Verdict> parts,
        IReadOnlyList<string>? shown = null
    )
    {
        Verdict[] deciding = [.. parts.Where(part => shown?.Contains(part.Claim) != true)];
        var against = deciding.Any(part => part.Kind is VerdictKind.NotSupported or VerdictKind.Opposite);
        var open = against ? VerdictKind.NotSupported : VerdictKind.Inconclusive;
        var kind = deciding.All(part => part.Kind == VerdictKind.Supported) ? VerdictKind.Supported : open;
        var which =
            deciding.Length == parts.Count
                ? "all parts"
                : $"all of {string.Join(", ", deciding.Select(part => part.Claim))}";
        var rule = $"{which} supported; not supported if one of them is not supported, or if its opposite holds";
        return new Verdict(
            claim,
            statement,
            kind,
            rule,
            string.Join("; ", parts.Select(part => $"{part.Claim} {part.Name}")),
            []
        );
    }

    /// <summary>Returns a mean as a piece of evidence.</summary>
    public static Evidence Number(string name, Interval mean) =>
        new(name, mean.Value, mean.Low, mean.High, mean.Method);

    public static string Text(double value) => NumberText.Format(value, Digits);

    /// <summary>Formats an estimate with its interval; differences between percentages have signs.</summary>
    public static string Text(Interval interval, string unit = "") =>
        unit == Measure.PercentagePoints
            ? NumberText.Points(interval)
            : $"{NumberText.Format(interval, Digits)}{Spaced(unit)}";

    /// <summary>Returns the name of a number with its unit.</summary>
    public static string Named(string name, string unit) => unit.Length == 0 ? name : $"{name.TrimEnd(',')}, {unit}";

    private static string Spaced(string unit) => unit.Length == 0 ? "" : $" {unit}";
}
