using Gyre.Dashboard.Charts;
using Gyre.Lab.Dynamics;
using Gyre.Lab.Theory;

namespace Gyre.Tests.Dashboard.Charts;

/// <summary>The page of two parameters against the closed forms of docs/theory.md.</summary>
public class TheoryStudyTests
{
    private const double Degrees = 180 / Math.PI;

    public static TheoryData<double, double, double> Starts =>
        new()
        {
            { 3, 0.3, 0.25 },
            { 3, 0.3, 0.15 },
            { 0.3, 3, 0.25 },
            { -3, -0.3, 0.25 },
            { -2, 1, 0.4 },
            { 1.2, 0.7, 1.1 },
            { 2, -0.5, 0.3 },
            { 3, 1.5, 0.6 },
            { 1, 1, 0.5 },
        };

    [Theory]
    [MemberData(nameof(Starts))]
    public void Sharpness_and_imbalance_are_those_of_the_closed_forms_at_every_step(double x, double y, double eta)
    {
        var study = Study(x, y, eta);
        var (sharpness, imbalance) = (Line(study, "sharpness", "sharpness"), Line(study, "imbalance", "x² − y²"));
        for (var i = 0; i < study.Points.Count && study.Points[i].Loss < 1e6; i++)
        {
            var theta = study.Points[i].Theta;
            Same(TwoParameterModel.Eigenvalues(theta[0], theta[1]).Largest, sharpness.Y.Span[i]);
            if (i > 0 && double.IsFinite(imbalance.Y.Span[i]))
                Same(
                    TwoParameterModel.NextImbalance(
                        imbalance.Y.Span[i - 1],
                        study.Points[i - 1].Theta[0] * study.Points[i - 1].Theta[1] - 1,
                        eta
                    ),
                    imbalance.Y.Span[i],
                    1e-9
                );
        }
    }

    [Theory]
    [MemberData(nameof(Starts))]
    public void The_angle_is_that_of_v1_and_turns_by_less_than_a_right_one_at_a_step(double x, double y, double eta)
    {
        var study = Study(x, y, eta);
        for (var i = 0; i < study.Points.Count && double.IsFinite(study.Points[i].Sharpness); i++)
        {
            // v1 = (sin, cos) of the angle from the axis of y, up to its sign.
            var (angle, vector) = (study.Angles[i] / Degrees, study.Points[i].Pairs[0].Vector);
            Assert.Equal(1, Math.Abs(Math.Sin(angle) * vector[0] + Math.Cos(angle) * vector[1]), 9);
            if (i > 0)
                Assert.InRange(study.Angles[i] - study.Angles[i - 1], -90, 90);
        }
    }

    [Theory]
    [InlineData(3, 0.3, 0.25)]
    [InlineData(0.3, 3, 0.25)]
    [InlineData(-3, -0.3, 0.35)]
    [InlineData(2.5, 0.2, 0.34)]
    public void What_stays_of_the_turn_is_what_the_imbalance_lost(double x, double y, double eta)
    {
        // At a minimum tan 2φ = 2/q, and S = √(q² + 4).
        var study = Study(x, y, eta, 400);
        var (before, after) = (study.Imbalance, TheoryStudy.ImbalanceOf(study.Points[^1]));
        var turned = Degrees * (Math.Atan2(2, after) - Math.Atan2(2, before)) / 2;
        Assert.Equal(turned, study.TurnedForGood!.Value, 4);
        Assert.True(study.TurnedAway);
        Assert.Equal(TwoParameterModel.SharpnessOfMinimum(after), study.Points[^1].Sharpness, 6);
        Assert.Equal(
            TwoParameterModel.SharpnessOfMinimum(before),
            Line(study, "sharpness", "end of gradient flow").Y.Span[0],
            6
        );
        Assert.Contains(
            study.Rows(),
            row => row.Name == "lasting rotation" && row.Value.EndsWith("° away", StringComparison.Ordinal)
        );
    }

    [Fact]
    public void Without_a_minimum_nothing_is_said_to_have_turned_for_good()
    {
        Assert.Null(Study(1.2, 0.7, 1.1).TurnedForGood);
        Assert.Null(Study(3, 1.5, 0.6).TurnedForGood);
        // From x = −y gradient flow comes to the saddle, which is no minimum.
        var saddle = Study(1, -1, 0.1);
        Assert.False(saddle.FlowSettles);
        Assert.DoesNotContain(
            TheoryCharts.Create(saddle).SelectMany(chart => chart.Lines),
            line => line.Name == "end of gradient flow"
        );
    }

    [Theory]
    [InlineData(0.9, "there is no orbit of period 2")]
    [InlineData(1.1, "attracts starts nearby")]
    [InlineData(1.3, "periods double")]
    [InlineData(2.1, "almost every start diverges")]
    public void The_two_step_dynamics_are_those_of_the_step_size(double eta, string expected) =>
        Assert.Contains(expected, string.Join(' ', Study(1.2, 0.7, eta).TwoSteps()), StringComparison.Ordinal);

    [Fact]
    public void Presets_become_what_their_names_say()
    {
        var outcomes = TheoryState.Presets.Select(preset => TheoryStudy.Create(preset.State)).ToArray();
        Assert.Equal(
            [
                OutcomeKind.Stable,
                OutcomeKind.EdgeOfStability,
                OutcomeKind.Catapult,
                OutcomeKind.EdgeOfStability,
                OutcomeKind.Unresolved,
                OutcomeKind.Diverged,
            ],
            outcomes.Select(study => study.Descent.Outcome.Kind)
        );
        Assert.Equal([true, true, true, false, false, false], outcomes.Select(study => study.Descent.Settled));
        // Period 2: two steps bring it back, one does not.
        var edge = outcomes[3].Points;
        Assert.InRange(Math.Abs(edge[^1].Theta[0] - edge[^3].Theta[0]), 0, 1e-3);
        Assert.True(Math.Abs(edge[^1].Theta[0] - edge[^2].Theta[0]) > 0.1);
        Assert.True(Stretching(TheoryState.Presets[4].State.Eta) > 0.1);
        Assert.All(
            TheoryState.Presets,
            preset =>
                Assert.Equal(preset.State, TheoryState.Parse(preset.State.AddTo(ViewAddress.Create("theory"))).State)
        );
    }

    [Fact]
    public void The_map_of_starts_says_of_a_start_what_its_own_descent_does()
    {
        var (x, y) = (3, 0.3);
        var map = TheoryCharts.Create(Study(x, y, 0.25)).Single(chart => chart.Id == TheoryCharts.StartsId).Map!;
        for (var row = 3; row < map.Y.Count; row += 9)
        {
            for (var column = 2; column < map.X.Count; column += 9)
            {
                var start = TwoParameterModel.Point((double)map.X[column], x * y);
                var descent = TheoryStudy
                    .Create(
                        TheoryState.Default with
                        {
                            X = start.X,
                            Y = start.Y,
                            Eta = (double)map.Y[row],
                            Steps = 1000,
                        }
                    )
                    .Descent;
                Assert.Contains(map.Names[(int)map.Z[row][column]], Expected(descent), StringComparison.Ordinal);
            }
        }
        Assert.DoesNotContain(TheoryCharts.Create(Study(-2, 1, 0.4)), chart => chart.Id == TheoryCharts.StartsId);
    }

    private static string Expected(ExactDescent descent)
    {
        if (descent.Outcome.Kind == OutcomeKind.Diverged)
            return "diverged";
        if (!descent.Settled)
            return "period 2 or bounded";
        return descent.Points.Any(point => point.Sharpness > descent.Threshold) ? "catapult" : "stable";
    }

    [Fact]
    public void This_start_lies_on_the_map_by_the_size_of_its_imbalance()
    {
        var here = Line(Study(0.3, 3, 0.25), TheoryCharts.StartsId, "this start");
        Assert.Equal((8.91, 0.25), (Math.Round(here.X.Span[0], 9), here.Y.Span[0]));
    }

    /// <summary>
    /// The Lyapunov exponent of u → u(1 + eta − eta·u²), which the network is on x = y: above 0 is chaos.
    /// </summary>
    private static double Stretching(double eta)
    {
        var (u, sum) = (0.8, 0.0);
        for (var step = 0; step < 20_000; step++)
            (u, sum) = (u * (1 + eta - eta * u * u), sum + Math.Log(Math.Abs(1 + eta - 3 * eta * u * u)));
        return sum / 20_000;
    }

    private static TheoryStudy Study(double x, double y, double eta, int steps = 200) =>
        TheoryStudy.Create(TheoryState.Default with { X = x, Y = y, Eta = eta, Steps = steps });

    private static Line Line(TheoryStudy study, string chart, string name) =>
        TheoryCharts.Create(study).Single(one => one.Id == chart).Lines.Single(line => line.Name == name);

    private static void Same(double expected, double value, double within = 1e-12) =>
        Assert.InRange(
            value,
            expected - within * Math.Max(1, Math.Abs(expected)),
            expected + within * Math.Max(1, Math.Abs(expected))
        );
}
