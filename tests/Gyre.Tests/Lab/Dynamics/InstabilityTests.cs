using CsCheck;
using Gyre.Lab.Dynamics;

namespace Gyre.Tests.Lab.Dynamics;

public class InstabilityTests
{
    private const double Threshold = 10;

    private static SharpnessPoint Point(long step, double sharpness, double loss, double threshold = Threshold) =>
        new(step, sharpness, threshold, loss, loss);

    [Fact]
    public void A_cycle_has_an_onset_a_peak_and_a_resolution()
    {
        var found = Assert.Single(
            InstabilityDetector.Find([
                Point(0, 8, 1),
                Point(10, 10, 1.2),
                Point(20, 15, 3),
                Point(30, 9.9, 1.1),
                Point(40, 9.5, 1.1),
                Point(50, 9.4, 0.9),
            ])
        );
        Assert.Equal(new Instability(1, 10, 1, 20, 15, Threshold, 3, 50, 9.4), found);
    }

    [Theory]
    [InlineData(9.9, 0.5)] // flat enough for the threshold, not for 0.98 of it
    [InlineData(9.0, 1.5)] // the loss is not back
    public void Both_conditions_of_resolution_are_needed(double sharpness, double loss) =>
        Assert.Null(
            Assert
                .Single(InstabilityDetector.Find([Point(0, 8, 1), Point(1, 12, 1.4), Point(2, sharpness, loss)]))
                .Resolution
        );

    [Fact]
    public void A_run_that_starts_above_is_unstable_from_its_first_step()
    {
        var found = Assert.Single(InstabilityDetector.Find([Point(0, 30, 2), Point(1, 40, 5), Point(2, 5, 1)]));
        Assert.Equal((0L, 2.0, 2L), (found.Onset, found.OnsetLoss, found.Resolution!.Value));
    }

    [Fact]
    public void A_lower_step_size_lifts_the_threshold_and_resolves() =>
        Assert.Equal(
            2,
            Assert.Single(InstabilityDetector.Find([Point(0, 8, 1), Point(1, 12, 1), Point(2, 12, 0.9, 40)])).Resolution
        );

    [Fact]
    public void Values_that_are_not_finite_are_passed_over() =>
        Assert.Single(
            InstabilityDetector.Find([
                Point(0, 8, 1),
                Point(1, double.NaN, 1),
                Point(2, 12, 2),
                Point(3, 11, double.PositiveInfinity),
                Point(4, 9, 1),
            ])
        );

    [Fact]
    public void Hysteresis_and_smoothing_have_their_effect()
    {
        SharpnessPoint[] grazing = [Point(0, 8, 1), Point(1, 10.2, 1), Point(2, 8, 1), Point(3, 14, 1), Point(4, 8, 1)];
        Assert.Equal(2, InstabilityDetector.Find(grazing).Count);
        Assert.Single(InstabilityDetector.Find(grazing, hysteresis: 0.05));
        // it may pass the margin slowly
        SharpnessPoint[] slow = [Point(0, 8, 1), Point(1, 10.2, 1), Point(2, 10.4, 1), Point(3, 11, 1), Point(4, 8, 1)];
        Assert.Equal(3, Assert.Single(InstabilityDetector.Find(slow, hysteresis: 0.05)).Onset);
        SharpnessPoint[] spike = [Point(0, 8, 1), Point(1, 8, 1), Point(2, 14, 1), Point(3, 8, 1), Point(4, 8, 1)];
        Assert.Single(InstabilityDetector.Find(spike));
        Assert.Empty(InstabilityDetector.Find(spike, smoothing: 3));
    }

    [Fact]
    public void Cycles_that_were_put_in_are_found_again() =>
        Gen.Select(Gen.Int[1, 8], Gen.Double[1.1, 4], Gen.Int[2, 6])
            .Array[1, 6]
            .Sample(cycles =>
            {
                var series = new List<SharpnessPoint>();
                var expected = new List<(long Onset, long Peak, double Value, long Resolution)>();
                foreach (var (quiet, height, length) in cycles)
                {
                    for (var i = 0; i < quiet; i++)
                        series.Add(Point(series.Count, 8, 1));
                    long onset = series.Count;
                    for (var i = 1; i <= length; i++)
                        series.Add(Point(series.Count, Threshold * (1 + (height - 1) * i / length), 1 + i));
                    expected.Add((onset, series.Count - 1, series[^1].Sharpness, series.Count));
                    series.Add(Point(series.Count, 9, 0.9));
                }
                Assert.Equal(
                    expected,
                    InstabilityDetector
                        .Find(series)
                        .Select(cycle => (cycle.Onset, cycle.PeakStep, cycle.PeakSharpness, cycle.Resolution!.Value))
                );
            });

    [Fact]
    public void Sharpness_and_threshold_scaled_together_change_nothing() =>
        Gen.Select(Gen.Double[5, 15], Gen.Double[0.5, 2])
            .Array[1, 40]
            .Select(Gen.Double[0.1, 10])
            .Sample(
                (points, factor) =>
                {
                    var plain = InstabilityDetector.Find(
                        points.Select((point, i) => Point(i, point.Item1, point.Item2))
                    );
                    var scaled = InstabilityDetector.Find(
                        points.Select((point, i) => Point(i, factor * point.Item1, point.Item2, factor * Threshold))
                    );
                    Assert.Equal(
                        plain.Select(cycle => (cycle.Onset, cycle.PeakStep, cycle.Resolution)),
                        scaled.Select(cycle => (cycle.Onset, cycle.PeakStep, cycle.Resolution))
                    );
                }
            );

    [Fact]
    public void Peaks_that_fall_show_progressive_flattening()
    {
        Instability Cycle(int number, double peak) =>
            new(number, 10 * number, 1, 10 * number + 5, peak, Threshold, 2, 10 * number + 9, 9);
        var flattening = ProgressiveFlattening.TryMeasure([
            .. Enumerable.Range(1, 8).Select(i => Cycle(i, 40 - 3 * i)),
        ])!;
        Assert.Equal(
            (-3, -3, -3, -1),
            (flattening.Trend.Slope, flattening.Trend.Low, flattening.Trend.High, flattening.Rank.Tau)
        );
        Assert.Equal(9 / 37.0, flattening.FinalOverFirstPeak!.Value, 1e-12);
        Assert.Null(ProgressiveFlattening.TryMeasure([Cycle(1, 20), Cycle(2, 15)]));
    }

    [Fact]
    public void Outcomes_are_named_by_their_rules()
    {
        static Outcome Name(IEnumerable<double> sharpness, double peakLoss = 1, string? divergence = null)
        {
            var series = sharpness
                .Select((s, i) => new SharpnessPoint(i, s, Threshold, 1, s >= Threshold ? peakLoss : 1))
                .ToArray();
            return Outcome.Classify(series, InstabilityDetector.Find(series), divergence);
        }
        var rise = Enumerable.Range(0, 10).Select(i => 2.0 + i * 0.5);
        Assert.Equal(OutcomeKind.Stable, Name(rise).Kind);
        Assert.Equal(OutcomeKind.EdgeOfStability, Name([.. rise, .. Enumerable.Repeat(10.3, 10)]).Kind);
        Assert.Equal(OutcomeKind.Catapult, Name([30, 25, .. Enumerable.Repeat(4.0, 20)]).Kind);
        Assert.Equal(OutcomeKind.Catapult, Name([.. rise, 20, .. Enumerable.Repeat(4.0, 20)], peakLoss: 2.5).Kind);
        Assert.Equal(OutcomeKind.Resolved, Name([.. rise, 20, .. Enumerable.Repeat(4.0, 20)], peakLoss: 1.2).Kind);
        Assert.Equal(OutcomeKind.Unresolved, Name([.. rise, .. Enumerable.Repeat(30.0, 20)]).Kind);
        Assert.Equal(OutcomeKind.Diverged, Name(rise, divergence: "it went").Kind);
        Assert.Equal(OutcomeKind.Unmeasured, Name([]).Kind);
        Assert.Equal("edge_of_stability", Name([.. rise, .. Enumerable.Repeat(10.3, 10)]).Name);
        Assert.Contains(
            "0.40 of the threshold",
            Name([30, 25, .. Enumerable.Repeat(4.0, 20)]).Rule,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Divergence_needs_steps_in_a_row_or_a_loss_that_is_not_finite()
    {
        var rule = new DivergenceRule(10, 3);
        string?[] said = [.. new double[] { 1, 20, 20, 5, 20, 20, 20 }.Select(rule.Next)];
        Assert.Equal([null, null, null, null, null, null], said[..6]);
        Assert.Contains("10 times its start for 3 steps", said[6], StringComparison.Ordinal);
        Assert.NotNull(new DivergenceRule(10, 3).Next(double.NaN));
        Assert.NotNull(new DivergenceRule(10, 3).Next(double.PositiveInfinity));
    }

    [Theory]
    [InlineData("gd")]
    [InlineData("polyak")]
    [InlineData("nesterov")]
    public void Thresholds_are_where_the_recursion_on_a_quadratic_begins_to_grow(string optimizer)
    {
        const double eta = 0.3,
            b = 0.7;
        var threshold = optimizer switch
        {
            "gd" => StabilityThreshold.GradientDescent(eta),
            "polyak" => StabilityThreshold.Polyak(eta, b),
            _ => StabilityThreshold.Nesterov(eta, b),
        };
        Assert.True(Grows(1.01 * threshold));
        Assert.False(Grows(0.99 * threshold));

        bool Grows(double curvature)
        {
            var (x, before) = (1.0, 1.0);
            for (var i = 0; i < 20_000 && Math.Abs(x) < 1e6; i++)
            {
                var momentum = optimizer == "gd" ? 0 : b * (x - before);
                var at = optimizer == "nesterov" ? x + momentum : x;
                (x, before) = (x + momentum - eta * curvature * at, x);
            }
            return Math.Abs(x) > 1;
        }
    }

    [Fact]
    public void The_adaptive_threshold_is_38_over_eta_at_the_usual_moment() =>
        Assert.Equal(38, StabilityThreshold.Adaptive(1, 0.9), 1e-9);
}
