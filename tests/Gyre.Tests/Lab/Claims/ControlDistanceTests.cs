using Gyre.Lab.Claims;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Running;
using Gyre.Lab.Specs;
using Gyre.Tests.TestKit;
using Gyre.Torch;
using static Gyre.Tests.Lab.Claims.SyntheticCells;

namespace Gyre.Tests.Lab.Claims;

public sealed class ControlDistanceTests : IDisposable
{
    private const string Small = "training.learning_rate=0.1";

    private static readonly string[] Sets =
    [
        "data.samples=40",
        "data.subset=first",
        "model.widths=[8]",
        "threads=1",
        "training.time=6",
        "curvature.every_time=1",
        "curvature.burst=1",
        "curvature.pairs=2",
        "run.checkpoint_every=1000",
    ];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>Against the parameters themselves, from the checkpoints of the last step.</summary>
    [Theory]
    [InlineData("run.eigenvectors_mb=64", 1e-6)]
    [InlineData("run.eigenvectors_mb=0", 0.05)] // 784·8 numbers and more in 4,096 buckets
    public void It_is_the_distance_of_the_parameters_at_one_training_time(string kept, double error)
    {
        var branch = Go("branch", kept, "training.learning_rate=0.4", "training.schedule=[{step=5,learning_rate=0.1}]");
        var control = Go("control", kept, Small);
        var added = ControlDistance.Added([
            (Measured(branch, 0.4, 0.1), branch.Folder),
            (Measured(control, 0.1, null), control.Folder),
        ]);
        Assert.Equal((branch.ReadSteps()[^1].Step, control.ReadSteps()[^1].Step), (45L, 60L)); // 5·0.4 + 40·0.1, 60·0.1
        var (theta, other) = (Theta(branch), Theta(control));
        var exact = Math.Sqrt(theta.Zip(other, (a, b) => (double)(a - b) * (a - b)).Sum());
        Assert.InRange(added[0].ControlDistance, exact * (1 - error), exact * (1 + error));
        Assert.True(double.IsNaN(added[1].ControlDistance));
        // The start is the same, and so is what it is measured from.
        Assert.Equal(0, EigenvectorFile.Distance((branch.Folder, 0), (control.Folder, 0)));
    }

    [Fact]
    public void Files_of_earlier_versions_have_no_displacement_and_no_distance()
    {
        var (branch, control) = (
            Go("branch", "training.learning_rate=0.4", "training.schedule=[{step=5,learning_rate=0.1}]"),
            Go("control", Small)
        );
        foreach (var file in Directory.EnumerateFiles(control.Folder.Eigenvectors))
        {
            using var scope = TorchSharp.torch.NewDisposeScope();
            var content = Safetensors.Read(file);
            Safetensors.Write(
                file,
                content.Tensors.Where(pair => pair.Key == "vectors").ToDictionary(),
                content.Metadata
            );
        }
        Assert.True(
            double.IsNaN(
                ControlDistance
                    .Added([
                        (Measured(branch, 0.4, 0.1), branch.Folder),
                        (Measured(control, 0.1, null), control.Folder),
                    ])[0]
                    .ControlDistance
            )
        );
    }

    private RunReader Go(string name, params string[] sets)
    {
        var spec = SpecReader.Read("quick", [.. Sets, .. sets]);
        Assert.Equal(
            RunEnd.Done,
            Run.Execute(spec, new RunFolder(_folder[name]), "test", TimeProvider.System, CancellationToken.None)
        );
        return RunReader.Open(_folder[name]);
    }

    private static CellMeasures Measured(RunReader run, double rate, double? reducedTo) =>
        CellMeasures.FromRecords(
            Cell(rate, 0, reducedTo).Cell,
            run.ReadSummary()!,
            run.ReadSteps(),
            run.ReadCurvature()
        );

    private static float[] Theta(RunReader run) =>
        Safetensors.ReadFloats(Checkpoints.PathOf(run.Folder, run.ReadSteps()[^1].Step), "theta").Values;
}
