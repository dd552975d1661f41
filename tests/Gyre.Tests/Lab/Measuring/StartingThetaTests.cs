using Gyre.Lab.Monitoring;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Running;
using Gyre.Lab.Specs;
using Gyre.Tests.TestKit;
using Gyre.Torch;
using static TorchSharp.torch;

namespace Gyre.Tests.Lab.Measuring;

/// <summary>‖theta‖ and ‖theta − theta_0‖ against the numbers that a checkpoint holds, summed here in double. That a
/// resumed run and a fork have the same bytes is for the tests of those.</summary>
public sealed class StartingThetaTests : IDisposable
{
    private static readonly string[] Sets =
    [
        "data.name=two-moons",
        "data.samples=40",
        "model.widths=[8]",
        "training.steps=9",
        "training.learning_rate=0.3",
        "curvature.every=4",
        "curvature.burst=2",
        "curvature.pairs=2",
        "threads=1",
        "training.evaluate_every=0",
        "run.checkpoint_at=[4,5]",
    ];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("dtype=float32")]
    [InlineData("dtype=float64")]
    [InlineData("curvature.at=midpoint")]
    [InlineData(
        "data.name=targets",
        "data.targets=[1,2]",
        "objective.loss=squared-error",
        "model.name=diagonal-linear",
        "model.start=[0.5,1.5,1,2]",
        "training.learning_rate=0.1"
    )]
    public void What_is_recorded_is_of_the_theta_that_a_checkpoint_holds(params string[] sets)
    {
        var spec = SpecReader.Read("quick", [.. Sets, .. sets]);
        var folder = new RunFolder(_folder["run"]);
        Run.Execute(spec, folder, "test", TimeProvider.System, CancellationToken.None);
        var (run, start) = (RunReader.Open(folder.Path), Start(spec));
        foreach (var step in new[] { 4, 5, 9 })
        {
            using var scope = NewDisposeScope();
            var theta = Host.Numbers(Checkpoints.Read(folder, step).Tensors["theta"]);
            var record = run.ReadCurvature().Single(one => one.Step == step);
            AssertNear(Norm(theta), record.ParameterNorm);
            AssertNear(Norm([.. theta.Zip(start, (one, other) => one - other)]), record.StartDistance);
        }
        AssertNear(Norm(start), run.ReadCurvature()[0].ParameterNorm);
        Assert.Equal(0, run.ReadCurvature()[0].StartDistance);
        Assert.True(run.ReadCurvature()[^1].StartDistance > 0);
        Assert.Equal(
            (run.ReadCurvature()[^1].ParameterNorm, run.ReadCurvature()[^1].StartDistance),
            (run.ReadSummary()!.FinalParameterNorm, run.ReadSummary()!.FinalStartDistance)
        );
    }

    [Fact]
    public void Without_a_measurement_there_is_nothing_to_record()
    {
        var folder = new RunFolder(_folder["run"]);
        Run.Execute(
            SpecReader.Read("quick", [.. Sets, "curvature.every=0"]),
            folder,
            "test",
            TimeProvider.System,
            CancellationToken.None
        );
        Assert.Equal(
            (null, null),
            (folder.ReadSummary()!.FinalParameterNorm, folder.ReadSummary()!.FinalStartDistance)
        );
    }

    /// <summary>A folder of an earlier version.</summary>
    [Fact]
    public void Lines_without_the_two_numbers_are_read_as_not_known()
    {
        var folder = new RunFolder(_folder["run"]);
        Run.Execute(SpecReader.Read("quick", Sets), folder, "test", TimeProvider.System, CancellationToken.None);
        var measured = RunReader.Open(folder.Path).ReadCurvature().Count;
        foreach (
            var (file, name) in new[]
            {
                (folder.Curvature, "parameter_norm"),
                (folder.Curvature, "start_distance"),
                (folder.Summary, "final_parameter_norm"),
                (folder.Summary, "final_start_distance"),
            }
        )
            File.WriteAllText(
                file,
                System.Text.RegularExpressions.Regex.Replace(File.ReadAllText(file), $"\"{name}\": ?[^,]*,\\s*", "")
            );
        var run = RunReader.Open(folder.Path);
        Assert.Equal(measured, run.ReadCurvature().Count);
        Assert.All(
            run.ReadCurvature(),
            record => Assert.Equal((null, null), (record.ParameterNorm, record.StartDistance))
        );
        Assert.Equal((null, null), (run.ReadSummary()!.FinalParameterNorm, run.ReadSummary()!.FinalStartDistance));
    }

    /// <summary>Of a training in a program of its own: from where the parameters were when the monitor was
    /// made.</summary>
    [Fact]
    public void A_monitor_records_them_too()
    {
        using var problem = new TinyProblem();
        using var monitor = new CurvatureMonitor(
            problem.Model,
            (outputs, labels) => nn.functional.cross_entropy(outputs, labels),
            problem.Inputs,
            problem.Labels,
            new() { Pairs = 2 }
        );
        Assert.Equal(0, monitor.Measure(0, 0.1)!.StartDistance);
        using (no_grad())
        {
            foreach (var parameter in problem.Model.parameters())
                parameter.add_(0.25);
        }
        var count = problem.Model.parameters().Sum(parameter => parameter.numel());
        var record = monitor.Measure(1, 0.1)!;
        Assert.Equal(0.25 * Math.Sqrt(count), record.StartDistance!.Value, 1e-6);
        AssertNear(
            Norm([.. problem.Model.parameters().SelectMany(parameter => Host.Numbers(parameter.flatten()))]),
            record.ParameterNorm
        );
    }

    private static double[] Start(RunSpec spec)
    {
        using var scope = NewDisposeScope();
        using var setup = new RunSetup(spec);
        return Host.Numbers(setup.Objective.Layout.Flatten(setup.Objective.Parameters));
    }

    private static double Norm(IReadOnlyList<double> numbers) => Math.Sqrt(numbers.Sum(number => number * number));

    private static void AssertNear(double expected, double? found) =>
        Assert.InRange(found!.Value, expected * (1 - 1e-12), expected * (1 + 1e-12));
}
