using Gyre.Tests.Lab.Models;
using Gyre.Torch;
using static TorchSharp.torch;

namespace Gyre.Tests.Torch;

/// <summary>float32 convolutions, which oneDNN gets wrong on some machines, against float64.</summary>
public class OneDnnTests
{
    [Fact]
    public void Convolutions_of_any_number_of_channels_are_right_once_libtorch_is_loaded() =>
        Assert.True(OneDnn.IsRight());

    [Theory]
    [InlineData("cnn", "none")]
    [InlineData("cnn", "batch")]
    [InlineData("resnet", "batch")]
    [InlineData("vgg", "group")]
    [InlineData("vit", "layer")]
    public void A_network_of_whole_vectors_gives_the_numbers_of_float64_for_any_number_of_samples(
        string name,
        string norm
    )
    {
        using var scope = NewDisposeScope();
        using var exact = new NetworkProblem(name, norm, samples: 10, width: 16);
        using var problem = new NetworkProblem(name, norm, samples: 10, width: 16, dtype: ScalarType.Float32);
        Assert.True(problem.Model.HasNoRemainder);
        try
        {
            OneDnn.UseFor(problem.Model.HasNoRemainder);
            Assert.InRange(Apart(problem, exact), 0, 2e-4);
        }
        finally
        {
            OneDnn.UseFor(false);
        }
        Assert.InRange(Apart(problem, exact), 0, 2e-4);
    }

    [Fact]
    public void A_network_with_other_channels_is_right_where_the_default_is_left()
    {
        using var scope = NewDisposeScope();
        using var exact = new NetworkProblem("resnet", "group", samples: 10, width: 6);
        using var problem = new NetworkProblem("resnet", "group", samples: 10, width: 6, dtype: ScalarType.Float32);
        Assert.False(problem.Model.HasNoRemainder);
        Assert.InRange(Apart(problem, exact), 0, 2e-4);
    }

    /// <summary>Outputs, gradient and product together.</summary>
    private static double Apart(NetworkProblem single, NetworkProblem exact)
    {
        static Tensor All(NetworkProblem problem)
        {
            using var graph = problem.Objective.Linearize(long.MaxValue);
            using var none = no_grad();
            var parts = new[]
            {
                problem.Model.call(problem.Inputs).flatten(),
                graph.Value.Gradient,
                graph.Product(problem.Direction(3)),
            };
            return cat([
                .. parts.Select(part =>
                    part.detach().to(ScalarType.Float64) / part.detach().to(ScalarType.Float64).norm()
                ),
            ]);
        }
        return (All(single) - All(exact)).norm().item<double>();
    }
}
