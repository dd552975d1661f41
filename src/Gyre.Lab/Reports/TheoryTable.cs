using Gyre.Lab.RunFiles;
using Gyre.Lab.Statistics;
using Gyre.Lab.Theory;
using Gyre.Torch;

namespace Gyre.Lab.Reports;

/// <summary>The table of `gyre theory`. Pure functions.</summary>
internal static class TheoryTable
{
    public static IReadOnlyList<TableRow> Rows(ExactStudy study)
    {
        ArgumentNullException.ThrowIfNull(study);
        var descent = study.Descent;
        return
        [
            .. Study(study),
            .. Instabilities(descent),
            new("flip", Mean(descent, point => point.Flip), "1 − ⟨v1, v1 one step before⟩², mean and largest"),
            new("drift per bounce", Mean(descent, point => point.DriftPerBounce), "the same over two steps"),
            Turn(descent.Network, study.Flow),
            new(
                "imbalances",
                NumberText.Format(study.IdentityDeviation(), 2),
                "largest relative deviation from the identity q' = q(1 − eta²r²p²), due to rounding"
            ),
            .. Orbit(descent),
        ];
    }

    /// <summary>
    /// Returns the network, its learning rate, and the results of gradient descent and gradient flow.
    /// </summary>
    private static TableRow[] Study(ExactStudy study)
    {
        var (descent, flow) = (study.Descent, study.Flow);
        var (network, first, last) = (descent.Network, descent.Points[0], descent.Points[^1]);
        return
        [
            new(
                "network",
                $"depth {network.Depth}, width {network.Width}, {Counted.Format(network.Dimension, "parameter")}",
                "L = ½ Σ (Π theta − y)², y = "
                    + $"{string.Join(", ", network.Targets.Select(target => NumberText.Format(target, 4)))}"
            ),
            new("outcome", SnakeCase.Spaced(descent.Outcome.Name), descent.Outcome.Rule),
            new(
                "learning rate",
                NumberText.Format(descent.LearningRate, 5),
                $"{NumberText.Format(descent.LearningRate * first.Sharpness / 2, 3)} edge units; "
                    + $"{NumberText.Format(descent.LearningRate * flow.Sharpness / 2, 3)} times the threshold of "
                    + "gradient flow's minimum"
            ),
            new(
                "sharpness",
                $"{NumberText.Format(first.Sharpness, 4)} → peak "
                    + $"{NumberText.Format(descent.Points.Max(point => point.Sharpness), 4)} → "
                    + $"{NumberText.Format(last.Sharpness, 4)}",
                $"start, peak, last step; threshold 2/eta = {NumberText.Format(descent.Threshold, 4)}"
            ),
            new(
                "gradient flow",
                $"ends at {NumberText.Format(flow.Sharpness, 5)}",
                flow.Arrived
                    ? $"same start, eta → 0; after flow time {NumberText.Format(flow.Time, 3)}"
                    : "it had not converged when it was stopped"
            ),
            new(
                "flattening",
                descent.Settled ? Flattening(last, flow) : "—",
                descent.Settled
                    ? "sharpness of the minimum reached minus that of gradient flow's"
                    : "no minimum is reached by the last step"
            ),
        ];
    }

    private static TableRow[] Instabilities(ExactDescent descent) =>
        [
            new(
                "instabilities",
                descent.Cycles.Count == 0
                    ? "none"
                    : $"{descent.Cycles.Count}, {descent.Cycles.Count(cycle => cycle.Resolution is not null)} resolved",
                "from sharpness at or above 2/eta until both it and the loss are back"
            ),
            new(
                "angle of v1",
                $"{Angle(descent.Points[0])} → {Angle(descent.Points[^1])}",
                "angle to the axis of the sharpest parameter, the smallest factor of its unit"
            ),
        ];

    private static string Flattening(ExactPoint last, FlowEnd flow) =>
        $"{NumberText.Format(last.Sharpness - flow.Sharpness, 4)} "
        + $"({NumberText.Format(100 * (last.Sharpness / flow.Sharpness - 1), 3)} %)";

    private static string Angle(ExactPoint point) =>
        double.IsFinite(point.SharpestShare)
            ? $"{NumberText.Format(180 / Math.PI * Math.Acos(Math.Sqrt(Math.Min(1, point.SharpestShare))), 4)}°"
            : "—";

    private static string Mean(ExactDescent descent, Func<ExactPoint, double> value)
    {
        var known = descent.Points.Select(value).Where(double.IsFinite).ToArray();
        return known.Length == 0
            ? "—"
            : $"{NumberText.Format(known.Average(), 3)}, {NumberText.Format(known.Max(), 3)}";
    }

    /// <summary>
    /// Computes the first-order turn of v1 at the minimum of gradient flow when theta moves along v1 in the direction
    /// that increases the output.
    /// </summary>
    private static TableRow Turn(DiagonalLinearNetwork network, FlowEnd flow)
    {
        const string Note =
            "first order, at gradient flow's minimum: degrees by which v1 turns from the sharpest parameter "
            + "when theta moves 0.01 along v1, the output growing; it turns back as much in the other half of "
            + "a bounce";
        var leading = DiagonalSpectrum.Compute(network, flow.Theta)[0];
        var factors = network.Unit(flow.Theta, leading.Unit);
        var sense =
            network.Unit(leading.Vector, leading.Unit).Select((entry, d) => entry * DiagonalSlope(factors, d)).Sum() < 0
                ? -1
                : 1;
        if (
            DiagonalSpectrum.LeadingTurn(network, flow.Theta, [.. leading.Vector.Select(entry => sense * entry)])
            is not { } turn
        )
            return new TableRow("turn", "—", "the leading eigenvalue is double, so its eigenvector is not unique");
        var sharpest = Array.IndexOf(factors, factors.MinBy(Math.Abs));
        var along = network.Unit(leading.Vector, leading.Unit)[sharpest];
        var away = -network.Unit(turn, leading.Unit)[sharpest] * Math.Sign(along);
        var rate = network.Depth == 1 ? 0 : 0.01 * 180 / Math.PI * away / Math.Sqrt(Math.Max(1e-30, 1 - along * along));
        return new TableRow("turn", $"{NumberText.Format(rate, 3)}°", Note);
    }

    private static double DiagonalSlope(double[] factors, int skip) =>
        factors.Where((_, d) => d != skip).Aggregate(1.0, (product, factor) => product * factor);

    private static TableRow[] Orbit(ExactDescent descent)
    {
        if (descent.Network is not { Depth: 2, Width: 1 } || descent.Network.Targets[0] != 1)
            return [];
        const string Note =
            "on x = y: it appears at eta = 1, is stable to √5 − 1, and from eta = 2 on almost every start diverges";
        if (TwoParameterModel.BalancedOrbit(descent.LearningRate) is not { } orbit)
            return [new("period-2 orbit", "none", Note)];
        return
        [
            new(
                "period-2 orbit",
                $"{NumberText.Format(orbit.First, 5)} ↔ {NumberText.Format(orbit.Second, 5)}, "
                    + $"{(orbit.Stable ? "stable" : "unstable")}",
                Note
            ),
        ];
    }
}
