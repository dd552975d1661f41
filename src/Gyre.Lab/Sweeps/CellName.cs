using System.Globalization;
using Gyre.Lab.Specs;

namespace Gyre.Lab.Sweeps;

/// <summary>
/// Names cells that differ only by seed. The name is made from the given values and not from measured ones, which
/// differ from seed to seed.
/// </summary>
internal static class CellName
{
    private const string Edge = "edge units";

    /// <summary>
    /// Returns a name such as "0.25 edge units", "eta 0.4 → 0.05 at step 20" or "1 → 0.0625 edge units at time 20 ·
    /// model.activation "relu"".
    /// </summary>
    /// <param name="point">The cell's place in the sweep.</param>
    /// <param name="parent">The cell's run, or the run that it forks from.</param>
    /// <param name="branch">Null for a cell that is not a fork.</param>
    public static string Create(SweepPoint point, RunSpec parent, Branching? branch = null)
    {
        var edges = point.Rate?.InEdgeUnits == true;
        var from = Digits.Given(edges ? point.Rate!.Given : parent.Training.LearningRate);
        var constant = edges ? $"{from} {Edge}" : $"eta {from}";
        var rate = branch is null
            ? constant
            : Branched(from, edges, point.Rate?.Given ?? parent.Training.LearningRate, branch);
        var others = point
            .Values.Where(pair => pair.Key != SweepSpec.RateKey)
            .Select(pair => $"{pair.Key} {SpecCheck.Named(pair.Value)}");
        return string.Join(" · ", others.Prepend(rate));
    }

    /// <summary>Returns the moment of a reduction, in words.</summary>
    public static string Moment(Reduction reduction) =>
        reduction.Step is { } step
            ? string.Create(CultureInfo.InvariantCulture, $"at step {step}")
            : $"at time {Digits.Given(reduction.Time!.Value)}";

    private static string Branched(string from, bool edges, double given, Branching branch)
    {
        var reduction = branch.Reduction;
        var (to, toEdges) = reduction switch
        {
            { EdgeUnits: { } units } => (Digits.Given(units), true),
            { Factor: { } factor } => (Digits.Made(factor * given), edges),
            _ => (Digits.Given(reduction.LearningRate!.Value), false),
        };
        var change = (edges, toEdges) switch
        {
            (true, true) => $"{from} → {to} {Edge}",
            (false, false) => $"eta {from} → {to}",
            (true, false) => $"{from} {Edge} → eta {to}",
            _ => $"eta {from} → {to} {Edge}",
        };
        return $"{change} {Moment(reduction)}";
    }
}
