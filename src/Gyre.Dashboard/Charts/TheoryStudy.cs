using Gyre.Lab.Reports;
using Gyre.Lab.Theory;

namespace Gyre.Dashboard.Charts;

/// <summary>
/// Gradient descent on L = ½(xy − 1)² as the page shows it. Cost: about 7 microseconds a step, and half a millisecond
/// for gradient flow.
/// </summary>
/// <param name="State">What was asked for.</param>
/// <param name="Descent">Step by step.</param>
/// <param name="Flow">Where gradient flow from the same start ends.</param>
/// <param name="Angles">Of v1 from the axis of y at every step, degrees. A line has no head: 180 degrees are added or
/// taken so that it turns by less than 90 at a step. NaN where it diverged.</param>
internal sealed record TheoryStudy(TheoryState State, ExactDescent Descent, FlowEnd Flow, IReadOnlyList<double> Angles)
{
    private const double Degrees = 180 / Math.PI;

    /// <summary>Follows it.</summary>
    public static TheoryStudy Create(TheoryState state)
    {
        double[] start = [state.X, state.Y];
        var descent = ExactDescent.Follow(DiagonalLinearNetwork.TwoParameters, start, state.Eta, state.Steps);
        return new TheoryStudy(
            state,
            descent,
            GradientFlow.Follow(DiagonalLinearNetwork.TwoParameters, start),
            Turning(descent.Points)
        );
    }

    /// <summary>The steps.</summary>
    public IReadOnlyList<ExactPoint> Points => Descent.Points;

    /// <summary>The step that is looked at, or the last one before it diverged.</summary>
    public ExactPoint Chosen => Points[Math.Min(State.Step, Points.Count - 1)];

    /// <summary>eta over 2/S at the start.</summary>
    public double EdgeUnits => State.Eta * Points[0].Sharpness / 2;

    /// <summary>x² − y² at the start, which gradient flow keeps.</summary>
    public double Imbalance => ImbalanceOf(Points[0]);

    /// <summary>Whether gradient flow comes to a minimum; from x = −y it comes to the saddle at the origin.</summary>
    public bool FlowSettles => Flow.Arrived && Math.Abs(Flow.Theta[0] * Flow.Theta[1] - 1) < 1e-3;

    /// <summary>Angle of v1 at the minimum that gradient flow comes to, degrees from the axis of y.</summary>
    public double FlowAngle => Degrees * TwoParameterModel.LeadingAngle(Flow.Theta[0], Flow.Theta[1]);

    /// <summary>
    /// How far v1 stands turned at the minimum reached from where gradient flow's minimum has it, degrees in (−90, 90];
    /// null where either comes to none.
    /// </summary>
    public double? TurnedForGood => Descent.Settled && FlowSettles ? Between(FlowAngle, Angles[^1]) : null;

    /// <summary>Whether that is away from the axis of the smaller factor, which v1 leans to.</summary>
    public bool TurnedAway =>
        TurnedForGood is { } turned && turned > 0 == Math.Abs(Flow.Theta[1]) < Math.Abs(Flow.Theta[0]);

    /// <summary>x² − y².</summary>
    public static double ImbalanceOf(ExactPoint point) =>
        point.Theta[0] * point.Theta[0] - point.Theta[1] * point.Theta[1];

    /// <summary>The rows of `gyre theory`, the lasting turn among them.</summary>
    public IReadOnlyList<TableRow> Rows()
    {
        var rows = TheoryTable
            .Rows(new ExactStudy(Descent, Flow, null))
            .Where(row => row.Name is not ("network" or "period-2 orbit"))
            .ToList();
        rows.Insert(rows.FindIndex(row => row.Name == "flip"), LastingTurn());
        return rows;
    }

    private TableRow LastingTurn()
    {
        const string Name = "turned for good";
        if (TurnedForGood is not { } turned)
            return new TableRow(
                Name,
                "—",
                FlowSettles
                    ? "no minimum is reached by the last step"
                    : "gradient flow from this start comes to the saddle at the origin"
            );
        return new TableRow(
            Name,
            $"{RunTable.Text(Math.Abs(turned), 3)}° {(TurnedAway ? "away" : "towards")}",
            $"{(TurnedAway ? "from" : "")} the axis of the smaller factor; from the axis of y v1 stands "
                + $"at {RunTable.Text(FlowAngle + turned, 4)}° at the minimum reached, at "
                + $"{RunTable.Text(FlowAngle, 4)}° at that of gradient flow; equal factors have it at 45°"
        );
    }

    /// <summary>The two-step dynamics at this step size, in sentences.</summary>
    public IReadOnlyList<string> TwoSteps()
    {
        var eta = State.Eta;
        var bound =
            "On x = y a start diverges where x² > (2 + eta)/eta = "
            + $"{RunTable.Text(TwoParameterModel.BalancedBound(eta), 4)}.";
        if (TwoParameterModel.BalancedOrbit(eta) is not { } orbit)
            return
            [
                "Below eta = 1 there is no orbit of period 2 with x = y > 0: minima with x² + y² < 2/eta = "
                    + $"{RunTable.Text(Descent.Threshold, 4)} are stable.",
                bound,
            ];
        var repels =
            eta < TwoParameterModel.EverythingDiverges
                ? "is unstable, for beyond eta = √5 − 1 = 1.236 periods double"
                : "is unstable, and from eta = 2 on almost every start diverges";
        return
        [
            "From eta = 1 on no minimum is stable: the flattest, x = y = 1, has sharpness 2.",
            $"The orbit of period 2 on x = y goes between {RunTable.Text(orbit.First, 5)} and "
                + $"{RunTable.Text(orbit.Second, 5)}. Two steps multiply a small displacement along the line by "
                + $"{RunTable.Text(orbit.AlongMultiplier, 4)} and a small imbalance by "
                + $"{RunTable.Text(orbit.ImbalanceMultiplier, 4)}: it {(orbit.Stable ? "attracts starts nearby" : repels)}.",
            bound,
        ];
    }

    private static double[] Turning(IReadOnlyList<ExactPoint> points)
    {
        var angles = new double[points.Count];
        for (var i = 0; i < angles.Length; i++)
        {
            var angle = double.IsFinite(points[i].Sharpness)
                ? Degrees * TwoParameterModel.LeadingAngle(points[i].Theta[0], points[i].Theta[1])
                : double.NaN;
            angles[i] = i == 0 || double.IsNaN(angle) ? angle : angles[i - 1] + Between(angles[i - 1], angle);
        }
        return angles;
    }

    /// <summary>The way from one line to another, in (−90, 90].</summary>
    private static double Between(double from, double to) => to - from - 180 * Math.Ceiling((to - from - 90) / 180);
}
