using Gyre.Lab.RunFiles;
using Gyre.Lab.Running;
using Gyre.Lab.Specs;
using Gyre.Lab.Theory;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.Lab.Running;

/// <summary>
/// What a run measures of other rules, against closed forms of the two-parameter network L = (xy − 1)²/2.
/// </summary>
public sealed class OptimizerRunTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>
    /// At step 0 Adam's P is (1 − b1)·(|∇L| + epsilon): the measured sharpness is the largest eigenvalue of P^-1/2 H
    /// P^-1/2, and beside it is that of H.
    /// </summary>
    [Fact]
    public void The_preconditioned_sharpness_of_adam_is_that_of_the_closed_form()
    {
        double[] start = [1.7, 0.9];
        var first = Run("adam", start, 0.01, "optimizer.momentum=0.8").ReadCurvature()[0];
        var network = DiagonalLinearNetwork.TwoParameters;
        var (h, g) = (network.Hessian(start), network.Gradient(start));
        var p = g.Select(entry => (1 - 0.8) * (Math.Abs(entry) + 1e-8)).ToArray();
        Assert.Equal(Largest(h[0, 0] / p[0], h[1, 1] / p[1], h[0, 1] / Math.Sqrt(p[0] * p[1])), first.Sharpness, 1e-9);
        Assert.Equal("preconditioned_hessian", first.Operator);
        Assert.Equal(Largest(h[0, 0], h[1, 1], h[0, 1]), first.Hessian!.Sharpness, 1e-9);
        Assert.Equal((2 + 2 * 0.8) / (1 - 0.8) / 0.01, first.Threshold, 1e-9);
    }

    /// <summary>
    /// L = (xy − 1)²/2: the Gauss–Newton matrix is the outer product of (y, x), of eigenvalue x² + y².
    /// </summary>
    [Fact]
    public void The_gauss_newton_sharpness_is_that_of_the_closed_form()
    {
        double[] start = [1.7, 0.9];
        var first = Run("gd", start, 0.01, "curvature.operator=gauss-newton").ReadCurvature()[0];
        var h = DiagonalLinearNetwork.TwoParameters.Hessian(start);
        Assert.Equal(start[0] * start[0] + start[1] * start[1], first.Sharpness, 1e-9);
        Assert.Equal("gauss_newton", first.Operator);
        Assert.Equal(Largest(h[0, 0], h[1, 1], h[0, 1]), first.Hessian!.Sharpness, 1e-9);
    }

    /// <summary>
    /// On an orbit of two points every iterate is as sharp as the other, v1 flips from one to the other; midpoints lie
    /// between them and do not flip.
    /// </summary>
    [Fact]
    public void At_midpoints_the_bounce_cancels()
    {
        string[] orbit = ["training.steps=80", "curvature.every=20", "curvature.burst=3"];
        var (iterates, midpoints) = (
            Run("gd", [1.1, 0.8], 1.1, orbit),
            Run("gd", [1.1, 0.8], 1.1, [.. orbit, "curvature.at=midpoint"])
        );
        // only looked at elsewhere
        Assert.Equal(iterates.ReadSteps().Select(step => step.Loss), midpoints.ReadSteps().Select(step => step.Loss));
        var (last, beside) = (iterates.ReadCurvature()[^1], midpoints.ReadCurvature()[^1]);
        Assert.Equal("midpoint", beside.At);
        Assert.NotEqual(last.Sharpness, beside.Sharpness, 0.01);
        Assert.InRange(midpoints.ReadSummary()!.Flip!.Mean, 0, iterates.ReadSummary()!.Flip!.Mean / 2 + 1e-12);
    }

    [Fact]
    public void Gradient_flow_has_no_edge_and_no_instability()
    {
        var run = Run("gradient-flow", [3, 0.3], 0.5);
        Assert.All(run.ReadCurvature(), record => Assert.True(double.IsNaN(record.Threshold)));
        Assert.Empty(run.ReadSummary()!.Cycles);
        Assert.Equal("stable", run.ReadSummary()!.Outcome);
        Assert.All(
            run.ReadSteps().Zip(run.ReadSteps().Skip(1)),
            pair => Assert.True(pair.Second.Loss <= pair.First.Loss)
        );
        Assert.Equal(3 * 3 - 0.3 * 0.3, Difference(run), 1e-3); // x² − y² is conserved by the flow
    }

    [Fact]
    public void Batch_sharpness_of_one_batch_that_is_all_samples_is_the_curvature_along_the_gradient()
    {
        double[] start = [1.7, 0.9];
        var record = Run("gd", start, 0.01, "curvature.batch_probes=2", "optimizer.batch=9").ReadCurvature()[0];
        var network = DiagonalLinearNetwork.TwoParameters;
        var (h, g) = (network.Hessian(start), network.Gradient(start));
        var along =
            (g[0] * g[0] * h[0, 0] + 2 * g[0] * g[1] * h[0, 1] + g[1] * g[1] * h[1, 1]) / (g[0] * g[0] + g[1] * g[1]);
        Assert.Equal(along, record.BatchSharpness!.Value, 1e-9);
        Assert.Equal(0, record.BatchSharpness.Error, 1e-9);
    }

    /// <summary>
    /// On a quadratic S never changes: eta is c·2/S from the step after the first measurement on, and the recorded
    /// threshold goes with it.
    /// </summary>
    [Fact]
    public void A_rate_that_follows_the_edge_is_its_share_of_it()
    {
        var run = Run("gd", [3], 0.01, "model.depth=1", "training.edge_rate=0.5", "curvature.every=3");
        var steps = run.ReadSteps();
        Assert.Equal(0.01, steps[0].LearningRate);
        Assert.Equal(0.02, steps[1].LearningRate, 1e-12); // S = 1: towards 1, doubling at most
        Assert.Equal(1, steps[^1].LearningRate, 1e-9);
        Assert.All(
            run.ReadCurvature(),
            record => Assert.Equal(2 / steps[(int)record.Step].LearningRate, record.Threshold, 1e-9)
        );
    }

    [Fact]
    public void What_does_not_go_together_is_said()
    {
        string[] Mistakes(params string[] sets) =>
            [
                .. Assert
                    .Throws<SpecException>(() => SpecReader.Read("quick", sets))
                    .Mistakes.Select(mistake => mistake.Where),
            ];
        Assert.Equal(["intervention.name"], Mistakes("optimizer.name=adam", "intervention.name=bulk-only"));
        Assert.Equal(
            ["curvature.self_stabilisation"],
            Mistakes("optimizer.name=polyak", "curvature.self_stabilisation=true")
        );
        Assert.Equal(
            ["curvature.at", "curvature.batch_probes"],
            Mistakes("curvature.at=midpoint", "intervention.name=bulk-only", "curvature.batch_probes=1")
        );
        Assert.Equal(
            ["optimizer.preconditioner_high"],
            Mistakes("optimizer.name=clipped-adam", "optimizer.preconditioner_low=2", "optimizer.preconditioner_high=1")
        );
        Assert.Equal(
            ["training.warmup", "curvature.every"],
            Mistakes("training.edge_rate=1", "training.warmup=3", "curvature.every=0")
        );
        Assert.Equal(["optimizer.clip_norm"], Mistakes("optimizer.name=gradient-flow", "optimizer.clip_norm=1"));
        Assert.Equal(["optimizer.name"], Mistakes("optimizer.name=lion"));
    }

    private static double Largest(double a, double b, double off) =>
        (a + b) / 2 + Math.Sqrt((a - b) * (a - b) / 4 + off * off);

    private static double Difference(RunReader run)
    {
        var theta = Gyre
            .Torch.Safetensors.Read(Checkpoints.PathOf(run.Folder, run.ReadSummary()!.Steps))
            .Tensors["theta"]
            .data<double>();
        return theta[0] * theta[0] - theta[1] * theta[1];
    }

    private RunReader Run(string optimizer, double[] start, double eta, params string[] sets)
    {
        var path = _folder[$"{optimizer}-{sets.Length}"];
        var spec = SpecReader.Read(
            "diagonal",
            [
                "dtype=float64",
                $"optimizer.name={optimizer}",
                $"model.start=[{string.Join(", ", start.Select(one => FormattableString.Invariant($"{one:0.0#}")))}]",
                FormattableString.Invariant($"training.learning_rate={eta}"),
                "training.steps=30",
                "threads=1",
                "curvature.angle_tolerance=1e-8",
                "run.keep_checkpoints=1",
                .. sets,
            ]
        );
        Assert.Equal(
            RunEnd.Done,
            Gyre.Lab.Running.Run.Execute(spec, new RunFolder(path), "test", TimeProvider.System, CancellationToken.None)
        );
        return RunReader.Open(path);
    }
}
