using Gyre.Lab.Data;
using Gyre.Lab.Models;
using Gyre.Lab.Objectives;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Running;
using Gyre.Lab.Specs;
using Gyre.Tests.TestKit;
using static TorchSharp.torch;

namespace Gyre.Tests.Lab.Data;

/// <summary>Targets that are numbers, from the data to the run folder.</summary>
public class RegressionTests
{
    [Theory]
    [InlineData(3)]
    [InlineData(6)]
    public void Chebyshev_polynomials_obey_their_recurrence(int degree)
    {
        using var scope = NewDisposeScope();
        using var data = DataCatalog.Get("chebyshev").Load(Request(degree));
        var (x, y) = (
            data.Train.Chunk(0).Inputs.data<double>().ToArray(),
            data.Train.Chunk(0).Targets.data<double>().ToArray()
        );
        Assert.Equal((20, -1.0, 1.0, 1L, null), (x.Length, x[0], x[^1], data.Outputs, data.Test));
        Assert.All(x.Zip(x.Skip(1)), pair => Assert.Equal(2.0 / 19, pair.Second - pair.First, 1e-15));
        for (var i = 0; i < x.Length; i++)
        {
            var (before, now) = (1.0, x[i]); // T_{d+1} = 2x·T_d − T_{d−1}
            for (var d = 1; d < degree; d++)
                (before, now) = (now, 2 * x[i] * now - before);
            Assert.Equal(now, y[i], 1e-13);
        }
    }

    [Fact]
    public void Squared_error_of_numbers_is_half_the_sum_over_outputs_and_the_mean_over_samples()
    {
        using var scope = NewDisposeScope();
        using var model = ModelCatalog.Build(
            "mlp",
            new ModelRequest
            {
                InputShape = [1],
                Outputs = 2,
                Widths = [],
                Depth = 2,
                Activation = "linear",
                Initialisation = "lecun-normal",
                Seed = 1,
                Dtype = ScalarType.Float64,
                Device = CPU,
            }
        );
        using var objective = new Objective(
            model,
            LossCatalog.Get("squared-error"),
            tensor(
                new double[,]
                {
                    { 1 },
                    { 2 },
                }
            ),
            tensor(
                new double[,]
                {
                    { 3, 0 },
                    { -1, 1 },
                }
            ),
            1
        );
        using (no_grad())
        {
            model
                .parameters()
                .First()
                .copy_(
                    tensor(
                        new double[,]
                        {
                            { 2 },
                            { -1 },
                        }
                    )
                ); // outputs (2, −1) and (4, −2)
        }
        var value = objective.Evaluate();
        Assert.Equal(0.5 * (1 + 1 + 25 + 9) / 2, value.Loss);
        Assert.True(double.IsNaN(value.Accuracy));
    }

    [Fact]
    public void A_run_on_numbers_has_no_accuracy_no_test_and_the_true_number_of_samples()
    {
        using var folder = new TemporaryFolder();
        var spec = SpecReader.Read(
            "quick",
            [
                "data.name=chebyshev",
                "objective.loss=squared-error",
                "model.widths=[4]",
                "training.steps=3",
                "training.learning_rate=0.1",
                "threads=1",
            ]
        );
        Assert.Equal(
            RunEnd.Done,
            Run.Execute(spec, new RunFolder(folder["run"]), "test", TimeProvider.System, CancellationToken.None)
        );
        var run = RunReader.Open(folder["run"]);
        Assert.Equal((20L, 13L), (run.ReadSummary()!.Samples, run.ReadSummary()!.Parameters));
        Assert.Null(run.ReadSummary()!.FinalTestAccuracy);
        Assert.Contains("\"accuracy\":null", File.ReadAllText(run.Folder.Steps), StringComparison.Ordinal);
        Assert.All(run.ReadSteps(), step => Assert.Null(step.TestLoss));
    }

    [Theory]
    [InlineData("objective.loss", "data.name=chebyshev")]
    [InlineData("data.targets", "data.targets=[1, \"two\"]")]
    [InlineData("model.start", "model.start=7")]
    [InlineData("model.depth", "model.depth=-1")]
    [InlineData("data.degree", "data.degree=31")]
    public void What_does_not_fit_is_named_when_the_spec_is_read(string key, string setting) =>
        Assert.Equal(
            key,
            Assert.Single(Assert.Throws<SpecException>(() => SpecReader.Read("quick", [setting])).Mistakes).Where
        );

    [Fact]
    public void A_start_of_the_wrong_length_is_refused_before_a_folder_is_made()
    {
        using var folder = new TemporaryFolder();
        var spec = SpecReader.Read("diagonal", ["model.start=[1.0, 2.0, 3.0]", "threads=1"]);
        var error = Assert.Throws<SpecException>(() =>
            Run.Execute(spec, new RunFolder(folder["run"]), "test", TimeProvider.System, CancellationToken.None)
        );
        Assert.Contains(
            "3 numbers, but the model has 2 parameters: theta [2, 1]",
            error.Message,
            StringComparison.Ordinal
        );
        Assert.False(Directory.Exists(folder["run"]));
    }

    [Fact]
    public void Without_a_target_there_is_nothing_to_meet() =>
        Assert.Contains(
            "data.targets is empty",
            Assert
                .Throws<DataException>(() => DataCatalog.Get("targets").Load(Request(6) with { Targets = [] }))
                .Message,
            StringComparison.Ordinal
        );

    private static DataRequest Request(int degree) =>
        new("")
        {
            Samples = 7,
            Degree = degree,
            Targets = [1],
            Layout = new(1000, long.MaxValue, ScalarType.Float64, CPU),
        };
}
