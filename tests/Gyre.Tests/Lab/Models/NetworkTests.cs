using Gyre.Lab.Models;
using Gyre.Lab.Objectives;
using Gyre.Tests.TestKit;
using static TorchSharp.torch;

namespace Gyre.Tests.Lab.Models;

/// <summary>
/// The networks of images and sequences: products against finite differences, starts, leaks, and what they refuse.
/// </summary>
public class NetworkTests
{
    public static TheoryData<string, string> Networks() => NetworkProblem.Networks();

    [Theory]
    [MemberData(nameof(Networks))]
    public void Products_are_the_finite_differences_of_the_gradient(string name, string norm)
    {
        using var scope = NewDisposeScope();
        using var problem = new NetworkProblem(name, norm, activation: norm == "batch" ? "tanh" : "gelu");
        Assert.InRange(problem.ProductError(problem.Direction(1)), 0, 1e-7);
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void Products_of_networks_with_kinks_are_those_of_a_symmetric_matrix(string name, string norm)
    {
        using var scope = NewDisposeScope();
        using var problem = new NetworkProblem(name, norm, activation: "relu");
        using var graph = problem.Objective.Linearize(long.MaxValue);
        var (first, second) = (problem.Direction(1), problem.Direction(2));
        var (product, other) = (graph.Product(first), graph.Product(second));
        Assert.InRange(
            Math.Abs((second.dot(product) - first.dot(other)).item<double>()),
            0,
            1e-12 * first.norm().item<double>() * other.norm().item<double>()
        );
        Assert.True(product.norm().item<double>() > 0);
    }

    [Fact]
    public void The_mean_of_patches_can_take_the_place_of_the_class_token()
    {
        using var scope = NewDisposeScope();
        using var problem = new NetworkProblem("vit", pooling: "mean");
        Assert.DoesNotContain("class", problem.Objective.Layout.Names);
        Assert.InRange(problem.ProductError(problem.Direction(1)), 0, 1e-7);
        using var token = new NetworkProblem("vit");
        // the token and its position, of width 4
        Assert.Equal(problem.Objective.Layout.Dimension + 2 * 4, token.Objective.Layout.Dimension);
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void A_few_steps_of_gradient_descent_lower_the_loss_and_leave_no_tensor(string name, string norm)
    {
        using var problem = new NetworkProblem(name, norm, activation: "relu", rule: "he-normal");
        double Step()
        {
            using var scope = NewDisposeScope();
            var value = problem.Objective.Evaluate();
            problem.Objective.Layout.CopyTo(problem.Theta() - value.Gradient * 0.02, problem.Objective.Parameters);
            return value.Loss;
        }
        var first = Step();
        using (LiveTensors.AssertUnchanged())
        {
            for (var step = 0; step < 5; step++)
                Step();
            using var scope = NewDisposeScope();
            using var graph = problem.Objective.Linearize(long.MaxValue);
            graph.Product(problem.Direction(1));
            problem.Model.UsePopulation(1, _ => problem.Inputs).Dispose();
        }
        Assert.True(Step() < first, $"the loss was {first}");
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void Equal_requests_start_at_equal_points_in_either_dtype(string name, string norm)
    {
        using var scope = NewDisposeScope();
        using var one = new NetworkProblem(name, norm);
        using var same = new NetworkProblem(name, norm);
        using var single = new NetworkProblem(name, norm, dtype: ScalarType.Float32);
        using var other = new NetworkProblem(name, norm, seed: 6);
        Assert.True(one.Theta().Equals(same.Theta()));
        Assert.True(one.Theta().to(ScalarType.Float32).Equals(single.Theta()));
        Assert.False(one.Theta().Equals(other.Theta()));
    }

    [Theory]
    [InlineData("pytorch", 1.0 / 3)] // U(±1/√f) has variance 1/(3f)
    [InlineData("lecun-normal", 1.0)]
    [InlineData("he-normal", 2.0)]
    public void The_fan_in_of_a_convolution_counts_its_kernel(string rule, double variance)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(1);
        var (weight, bias) = Initializations.Get(rule)([64, 10, 3, 5], generator);
        Assert.Equal([64, 10, 3, 5], weight.shape);
        Assert.Equal([64], bias.shape);
        Assert.InRange(weight.var().item<double>() * 150 / variance, 0.95, 1.05); // 9,600 draws: 1.4 % each side
    }

    [Fact]
    public void Gray_images_may_lack_the_dimension_of_channels()
    {
        using var scope = NewDisposeScope();
        foreach (var name in new[] { "cnn", "resnet", "vit" })
        {
            using var problem = new NetworkProblem(name);
            Assert.True(problem.Model.call(problem.Inputs).Equals(problem.Model.call(problem.Inputs.unsqueeze(1))));
        }
    }

    [Fact]
    public void A_position_of_a_sequence_sees_none_after_it()
    {
        using var scope = NewDisposeScope();
        using var problem = new NetworkProblem("sequence-transformer");
        var before = problem.Model.call(problem.Inputs);
        Assert.Equal([6, NetworkProblem.Classes, 5], before.shape);
        var changed = problem.Inputs.clone();
        changed[TensorIndex.Colon, 3] = (changed[TensorIndex.Colon, 3] + 1).remainder(NetworkProblem.Classes);
        var apart = (problem.Model.call(changed) - before).abs().amax([0, 1]).data<double>().ToArray();
        Assert.Equal([0.0, 0, 0], apart[..3]);
        Assert.True(apart[3] > 1e-6 && apart[4] > 1e-6);
    }

    [Fact]
    public void Squared_error_of_a_sequence_is_summed_over_its_positions()
    {
        using var scope = NewDisposeScope();
        // two classes at three positions: (1, 0), (2, 0), (3, 5)
        var outputs = tensor(new double[] { 1, 2, 3, 0, 0, 5 }).view(1, 2, 3);
        var labels = tensor(new long[] { 0, 1, 1 }).view(1, 3); // (0² + 0²) + (2² + 1²) + (3² + 4²) = 30
        Assert.Equal(15.0, LossCatalog.Get("squared-error")(outputs, labels).item<double>());
    }

    [Theory]
    [InlineData("vgg", "model.depth", "10 or 11 layers")]
    [InlineData("resnet", "model.depth", "6n + 2 layers")]
    [InlineData("vit", "model.heads", "must divide the width")]
    [InlineData("vit", "model.norm", "has \"layer\", \"none\"")]
    [InlineData("mlp", "model.norm", "has \"none\"")]
    [InlineData("deep-linear", "model.norm", "has \"none\"")]
    public void A_shape_that_a_network_does_not_have_is_refused(string name, string key, string said)
    {
        var request = NetworkProblem.Request(name) with
        {
            Depth = name is "vgg" or "resnet" ? 13 : 1,
            Norm = key == "model.norm" ? "batch" : ModelSpec.OwnNorm,
            Heads = key == "model.heads" ? 3 : 2,
        };
        var error = Assert.Throws<ModelException>(() => ModelCatalog.Build(name, request));
        Assert.StartsWith(key, error.Message, StringComparison.Ordinal);
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("vgg", new long[] { 28, 28 }, false, "needs 32×32 pixels")]
    [InlineData("cnn", new long[] { 3, 2 }, false, "needs 4×4 pixels")]
    [InlineData("resnet", new long[] { 7 }, false, "a sample of this data is [7]")]
    [InlineData("vit", new long[] { 6, 8 }, false, "must divide the image")]
    [InlineData("vit", new long[] { 7 }, true, "\"sequence-transformer\" reads them")]
    [InlineData("mlp", new long[] { 7 }, true, "\"sequence-transformer\" reads them")]
    [InlineData("sequence-transformer", new long[] { 8, 8 }, false, "reads tokens")]
    [InlineData("sequence-transformer", new long[] { 8, 8 }, true, "a sample of this data is [8, 8]")]
    public void A_network_that_does_not_suit_the_data_says_why(string name, long[] shape, bool tokens, string said) =>
        Assert.Contains(
            said,
            Assert
                .Throws<ModelException>(() =>
                    ModelCatalog.Build(name, NetworkProblem.Request(name) with { InputShape = shape, Tokens = tokens })
                )
                .Message,
            StringComparison.Ordinal
        );

    [Fact]
    public void A_line_says_what_shapes_a_network_and_nothing_else()
    {
        string Line(string name) => ModelCatalog.Get(name).Describe(new ModelSpec());
        Assert.Equal("mlp 200-200 relu", Line("mlp"));
        Assert.Equal("deep-linear 200-200", Line("deep-linear"));
        Assert.Equal("diagonal-linear, depth 2", Line("diagonal-linear"));
        Assert.Equal("vgg relu, depth 11, width 16, norm none", Line("vgg"));
        Assert.Equal("vit relu, depth 4, width 64, heads 4, patch 4, class-token, norm layer", Line("vit"));
    }
}
