using Gyre.Lab.Reports;
using Gyre.Lab.Statistics;
using Gyre.Lab.Theory;

namespace Gyre.Dashboard.Charts;

/// <summary>
/// Gradient descent on L = ½(xy − 1)² as shown on the page. Cost: about 7 microseconds per step, and half a
/// millisecond for gradient flow.
/// </summary>
/// <param name="State">The requested state.</param>
/// <param name="Descent">The descent, step by step.</param>
/// <param name="Flow">The end of gradient flow from the same start.</param>
/// <param name="Angles">Angles of v1 from the y axis at every step, in degrees. The sign of v1 is arbitrary, so
/// multiples of 180 degrees are added such that it rotates by at most 90 per step. NaN after divergence.</param>
internal sealed record TheoryStudy(TheoryState State, ExactDescent Descent, FlowEnd Flow, IReadOnlyList<double> Angles)
{
    private const double Degrees = 180 / Math.PI;

    /// <summary>Computes the study.</summary>
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

    /// <summary>The chosen step, or the last one before divergence.</summary>
    public ExactPoint Chosen => Points[Math.Min(State.Step, Points.Count - 1)];

    /// <summary>eta divided by 2/S at the start.</summary>
    public double EdgeUnits => State.Eta * Points[0].Sharpness / 2;

    /// <summary>x² − y² at the start, which gradient flow conserves.</summary>
    public double Imbalance => ImbalanceOf(Points[0]);

    /// <summary>Whether gradient flow reaches a minimum; from x = −y it reaches the saddle at the origin.</summary>
    public bool FlowSettles => Flow.Arrived && Math.Abs(Flow.Theta[0] * Flow.Theta[1] - 1) < 1e-3;

    /// <summary>Angle of v1 at the minimum that gradient flow reaches, in degrees from the y axis.</summary>
    public double FlowAngle => Degrees * TwoParameterModel.LeadingAngle(Flow.Theta[0], Flow.Theta[1]);

    /// <summary>
    /// The rotation of v1 from gradient flow's minimum to the minimum reached, in degrees, in (−90, 90]; null if
    /// either does not exist.
    /// </summary>
    public double? TurnedForGood => Descent.Settled && FlowSettles ? Between(FlowAngle, Angles[^1]) : null;

    /// <summary>Whether the rotation is away from the axis of the smaller factor, toward which v1 leans.</summary>
    public bool TurnedAway =>
        TurnedForGood is { } turned && turned > 0 == Math.Abs(Flow.Theta[1]) < Math.Abs(Flow.Theta[0]);

    /// <summary>x² − y².</summary>
    public static double ImbalanceOf(ExactPoint point) =>
        point.Theta[0] * point.Theta[0] - point.Theta[1] * point.Theta[1];

    /// <summary>
    /// Returns the rows of `gyre theory` without the network and the orbit, and with the lasting rotation.
    /// </summary>
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
        const string Name = "lasting rotation";
        if (TurnedForGood is not { } turned)
            return new TableRow(
                Name,
                "—",
                FlowSettles
                    ? "no minimum is reached by the last step"
                    : "gradient flow from this start reaches the saddle at the origin"
            );
        return new TableRow(
            Name,
            $"{NumberText.Format(Math.Abs(turned), 3)}° {(TurnedAway ? "away" : "toward")}",
            $"{(TurnedAway ? "from " : "")}the axis of the smaller factor; the angle of v1 from the y axis "
                + $"is {NumberText.Format(FlowAngle + turned, 4)}° at the minimum reached, "
                + $"{NumberText.Format(FlowAngle, 4)}° at that of gradient flow, and 45° if the factors are equal"
        );
    }

    /// <summary>Describes the two-step dynamics at this learning rate.</summary>
    public IReadOnlyList<string> TwoSteps()
    {
        var eta = State.Eta;
        var bound =
            "On x = y a start diverges if x² > (2 + eta)/eta = "
            + $"{NumberText.Format(TwoParameterModel.BalancedBound(eta), 4)}.";
        if (TwoParameterModel.BalancedOrbit(eta) is not { } orbit)
            return
            [
                "Below eta = 1 there is no orbit of period 2 with x = y > 0: minima with x² + y² < 2/eta = "
                    + $"{NumberText.Format(Descent.Threshold, 4)} are stable.",
                bound,
            ];
        var repels =
            eta < TwoParameterModel.EverythingDiverges
                ? "is unstable, since periods double beyond eta = √5 − 1 = 1.236"
                : "is unstable, and almost every start diverges from eta = 2 on";
        return
        [
            "From eta = 1 on, no minimum is stable: the flattest one, x = y = 1, has sharpness 2.",
            $"The orbit of period 2 on x = y alternates between {NumberText.Format(orbit.First, 5)} and "
                + $"{NumberText.Format(orbit.Second, 5)}. Two steps multiply a small displacement along the line by "
                + $"{NumberText.Format(orbit.AlongMultiplier, 4)} and a small imbalance by "
                + $"{NumberText.Format(orbit.ImbalanceMultiplier, 4)}: "
                + $"it {(orbit.Stable ? "attracts starts nearby" : repels)}.",
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

    /// <summary>Returns the rotation from one line to another, in (−90, 90].</summary>
    private static double Between(double from, double to) => to - from - 180 * Math.Ceiling((to - from - 90) / 180);
}
