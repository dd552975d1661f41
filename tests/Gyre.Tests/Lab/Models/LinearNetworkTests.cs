using Gyre.Lab.Models;
using Gyre.Lab.Objectives;
using Gyre.Lab.Theory;
using static TorchSharp.torch;

namespace Gyre.Tests.Lab.Models;

/// <summary>The linear networks by hand and against closed forms.</summary>
public class LinearNetworkTests
{
    [Fact]
    public void A_diagonal_network_multiplies_each_input_by_its_factors()
    {
        using var scope = NewDisposeScope();
        using var model = ModelCatalog.Build("diagonal-linear", Request([3], 3, depth: 2));
        Set(model, [2, -1, 0.5, 3, 4, 0]);
        Assert.Equal(
            [6.0, -8, 0, 12, 4, 0],
            model
                .call(
                    tensor(
                        new double[,]
                        {
                            { 1, 2, 3 },
                            { 2, -1, 7 },
                        }
                    )
                )
                .data<double>()
                .ToArray()
        );
        Assert.Equal(["theta"], model.named_parameters().Select(parameter => parameter.name));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    public void Loss_gradient_and_products_of_a_diagonal_network_are_the_closed_forms_also_where_a_factor_is_zero(
        int depth
    )
    {
        using var scope = NewDisposeScope();
        double[] targets = [1, -0.5];
        var exact = new DiagonalLinearNetwork(depth, targets);
        var random = new Random(depth);
        using var model = ModelCatalog.Build("diagonal-linear", Request([2], 2, depth));
        using var objective = new Objective(
            model,
            LossCatalog.Get("squared-error"),
            ones(1, 2, dtype: ScalarType.Float64),
            tensor(targets).view(1, 2),
            10
        );
        for (var draw = 0; draw < 5; draw++)
        {
            var theta = Enumerable
                .Range(0, exact.Dimension)
                .Select(j => draw == 0 && j == 0 ? 0 : 2 * random.NextDouble() - 1)
                .ToArray();
            Set(model, theta);
            using var graph = objective.Linearize(long.MaxValue);
            Assert.Equal(exact.Loss(theta), graph.Value.Loss, 1e-14);
            Assert.Equal(
                exact.Gradient(theta),
                graph.Value.Gradient.data<double>().ToArray(),
                (a, b) => Math.Abs(a - b) < 1e-14
            );
            for (var j = 0; j < exact.Dimension; j++)
            {
                var column = graph
                    .Product(nn.functional.one_hot(tensor((long)j), exact.Dimension).to(ScalarType.Float64))
                    .data<double>()
                    .ToArray();
                Assert.Equal(
                    Enumerable.Range(0, exact.Dimension).Select(i => exact.Hessian(theta)[i, j]),
                    column,
                    (a, b) => Math.Abs(a - b) < 1e-13
                );
            }
        }
    }

    [Fact]
    public void A_deep_linear_network_is_the_product_of_its_matrices()
    {
        using var scope = NewDisposeScope();
        using var model = ModelCatalog.Build("deep-linear", Request([2], 1, widths: [3]));
        Set(model, [1, 2, 0, -1, 3, 1, 2, 0.5, -1]); // W0 = [[1, 2], [0, −1], [3, 1]], W1 = [2, 0.5, −1]
        // W1·W0 = [2 + 0 − 3, 4 − 0.5 − 1] = [−1, 2.5]
        Assert.Equal(
            [-1 + 2.5 * 2],
            model
                .call(
                    tensor(
                        new double[,]
                        {
                            { 1, 2 },
                        }
                    )
                )
                .data<double>()
                .ToArray()
        );
        Assert.Equal(["layer0.weight", "layer1.weight"], model.named_parameters().Select(parameter => parameter.name));
    }

    [Fact]
    public void A_deep_linear_network_of_one_row_and_column_has_the_two_parameter_hessian()
    {
        using var scope = NewDisposeScope();
        using var model = ModelCatalog.Build("deep-linear", Request([1], 1, widths: [1]));
        Set(model, [3, 0.5]);
        using var objective = new Objective(
            model,
            LossCatalog.Get("squared-error"),
            ones(1, 1, dtype: ScalarType.Float64),
            ones(1, 1, dtype: ScalarType.Float64),
            10
        );
        using var graph = objective.Linearize(long.MaxValue);
        Assert.Equal([0.25, 2.0], graph.Product(tensor(new[] { 1.0, 0 })).data<double>().ToArray());
        Assert.Equal([2.0, 9], graph.Product(tensor(new[] { 0.0, 1 })).data<double>().ToArray());
    }

    [Theory]
    [InlineData("diagonal-linear")]
    [InlineData("deep-linear")]
    [InlineData("mlp")]
    public void Equal_seeds_give_equal_parameters(string name)
    {
        double[] Drawn(long seed)
        {
            using var scope = NewDisposeScope();
            using var model = ModelCatalog.Build(name, Request([4], 4, seed: seed));
            using var none = no_grad();
            return [.. model.parameters().SelectMany(parameter => parameter.flatten().data<double>().ToArray())];
        }
        Assert.Equal(Drawn(3), Drawn(3));
        Assert.NotEqual(Drawn(3), Drawn(4));
    }

    [Fact]
    public void A_diagonal_network_needs_as_many_outputs_as_inputs() =>
        Assert.Contains(
            "4 inputs and 10 outputs",
            Assert.Throws<ModelException>(() => ModelCatalog.Build("diagonal-linear", Request([2, 2], 10))).Message,
            StringComparison.Ordinal
        );

    private static ModelRequest Request(
        long[] input,
        long outputs,
        int depth = 2,
        int[]? widths = null,
        long seed = 1
    ) =>
        new()
        {
            InputShape = input,
            Outputs = outputs,
            Widths = widths ?? [3],
            Depth = depth,
            Activation = "linear",
            Initialisation = "lecun-normal",
            Seed = seed,
            Dtype = ScalarType.Float64,
            Device = CPU,
        };

    private static void Set(nn.Module<Tensor, Tensor> model, double[] theta)
    {
        using var none = no_grad();
        var offset = 0;
        foreach (var parameter in model.parameters())
        {
            var count = (int)parameter.numel();
            parameter.copy_(tensor(theta[offset..(offset + count)]).view(parameter.shape));
            offset += count;
        }
        Assert.Equal(theta.Length, offset);
    }
}
