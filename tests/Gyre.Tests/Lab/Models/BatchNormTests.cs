using Gyre.Lab.Models;
using Gyre.Lab.Objectives;
using static TorchSharp.torch;

namespace Gyre.Tests.Lab.Models;

/// <summary>
/// BatchNorm's rule: statistics of each chunk in training and in measurements, those of the training samples in
/// evaluation, and no state.
/// </summary>
public class BatchNormTests
{
    [Theory]
    [InlineData(6)]
    [InlineData(3)]
    [InlineData(4)]
    public void The_hessian_is_that_of_the_loss_with_the_statistics_of_each_chunk(int chunk)
    {
        using var scope = NewDisposeScope();
        using var problem = new NetworkProblem("cnn", "batch", "tanh", chunk: chunk);
        Assert.InRange(problem.ProductError(problem.Direction(1)), 0, 1e-8);
        var parts = problem
            .Inputs.split(chunk)
            .Zip(problem.Labels.split(chunk))
            .Select(part =>
            {
                using var alone = new Objective(
                    problem.Model,
                    LossCatalog.Get("cross-entropy"),
                    part.First,
                    part.Second,
                    1000
                );
                return alone.Evaluate().Loss * part.First.shape[0] / 6;
            });
        Assert.Equal(parts.Sum(), problem.Objective.Evaluate().Loss, 1e-14);
    }

    [Fact]
    public void The_loss_depends_on_the_chunk()
    {
        using var scope = NewDisposeScope();
        using var whole = new NetworkProblem("cnn", "batch");
        using var cut = new NetworkProblem("cnn", "batch", chunk: 3);
        Assert.True(Math.Abs(whole.Objective.Evaluate().Loss - cut.Objective.Evaluate().Loss) > 1e-4);
    }

    /// <summary>
    /// A convolution that copies the pixel, so that BatchNorm sees the images themselves, and the mean of the four
    /// pixels as the output.
    /// </summary>
    [Fact]
    public void Evaluation_uses_the_mean_of_the_chunks_means_and_unbiased_variances()
    {
        using var scope = NewDisposeScope();
        using var model = ModelCatalog.Build(
            "cnn",
            new ModelRequest
            {
                InputShape = [2, 2],
                Outputs = 1,
                Widths = [1],
                Depth = 0,
                Activation = "linear",
                Initialisation = "pytorch",
                Seed = 1,
                Dtype = ScalarType.Float64,
                Device = CPU,
                Norm = "batch",
            }
        );
        using (no_grad())
        {
            var parameters = model.named_parameters().ToDictionary(named => named.name, named => named.parameter);
            foreach (var (name, parameter) in parameters)
                parameter.copy_(
                    name switch
                    {
                        "conv0.weight" => tensor(new double[] { 0, 0, 0, 0, 1, 0, 0, 0, 0 }).view(1, 1, 3, 3),
                        "norm0.weight" or "head.weight" => ones_like(parameter),
                        _ => zeros_like(parameter),
                    }
                );
        }
        // Two samples of pixels 1 … 4 and 3 … 6, then one of 0, 0, 0, 8.
        Tensor[] chunks =
        [
            tensor(new double[] { 1, 2, 3, 4, 3, 4, 5, 6 }).view(2, 2, 2),
            tensor(new double[] { 0, 0, 0, 8 }).view(1, 2, 2),
        ];
        var mean = (2 * 3.5 + 2) / 3; // means 3.5 and 2, of two samples and one
        var variance = (2 * 18.0 / 7 + 48.0 / 3) / 3; // squared distances 18 and 48, over 7 and 3
        var inputs = tensor(new double[] { 1, 1, 1, 1, 0, 2, 4, 10 }).view(2, 2, 2);
        var before = model.call(inputs).data<double>().ToArray();
        double[] evaluated;
        using (model.UsePopulation(2, chunk => chunks[chunk]))
            evaluated = [.. model.call(inputs).data<double>()];
        var deviation = Math.Sqrt(variance + 1e-5);
        Assert.Equal([(1 - mean) / deviation, (4 - mean) / deviation], evaluated, (a, b) => Math.Abs(a - b) < 1e-12);
        Assert.Equal(before, model.call(inputs).data<double>().ToArray());
        Assert.NotEqual(before, evaluated);
    }

    [Fact]
    public void Measuring_and_evaluating_leave_every_bit_as_it_was()
    {
        using var scope = NewDisposeScope();
        using var problem = new NetworkProblem("resnet", "batch", chunk: 3);
        var theta = problem.Theta();
        var first = problem.Objective.Evaluate();
        for (var time = 0; time < 2; time++)
        {
            using (problem.Model.UsePopulation(2, chunk => problem.Inputs.narrow(0, 3 * chunk, 3)))
                HeldOut.Measure(
                    problem.Model,
                    LossCatalog.Get("cross-entropy"),
                    new Gyre.Lab.Data.TensorSamples(problem.Inputs, problem.Labels, 4)
                );
            using var graph = problem.Objective.Linearize(0);
            graph.Product(problem.Direction(1));
        }
        var again = problem.Objective.Evaluate();
        Assert.Equal(first.Loss, again.Loss);
        Assert.True(first.Gradient.Equals(again.Gradient));
        Assert.True(theta.Equals(problem.Theta()));
        Assert.Empty(problem.Model.buffers());
    }

    [Fact]
    public void A_chunk_with_one_value_a_channel_has_no_variance_and_the_cure_is_named()
    {
        using var scope = NewDisposeScope();
        // halved twice: one pixel
        using var model = ModelCatalog.Build("resnet", NetworkProblem.Request("resnet") with { InputShape = [4, 4] });
        Assert.Contains(
            "objective.chunk",
            Assert.Throws<ModelException>(() => model.call(zeros([1, 4, 4], ScalarType.Float64))).Message,
            StringComparison.Ordinal
        );
    }
}
