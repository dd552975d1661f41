using Gyre.Torch;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Gyre.Tests.Torch;

/// <summary>Each tensor of a module is one parameter, whatever it is called and however often.</summary>
public sealed class DistinctParametersTests : IDisposable
{
    private readonly TorchSharp.DisposeScope _scope = Scope();

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void A_layer_registered_twice_is_one_set_of_parameters_and_the_names_say_so()
    {
        var layer = nn.Linear(3, 3);
        using var module = new Parts(("encoder", layer), ("decoder", layer), ("head", nn.Linear(3, 2)));

        var distinct = DistinctParameters.Trainable(module);

        Assert.Equal(
            ["decoder.bias = encoder.bias", "decoder.weight = encoder.weight", "head.bias", "head.weight"],
            distinct
                .Select(one => string.Join(" = ", one.Names.Order(StringComparer.Ordinal)))
                .Order(StringComparer.Ordinal)
        );
        Assert.Equal(3 * 3 + 3 + 3 * 2 + 2, ParameterLayout.FromModule(module).Dimension);
    }

    [Fact]
    public void Views_that_overlap_are_refused_and_views_side_by_side_are_not()
    {
        var whole = zeros(4, 6);
        (string, Tensor) View(string name, int from, int to) =>
            (name, whole.narrow(1, from, to - from).requires_grad_());

        Assert.Null(DistinctParameters.Trouble([View("left", 0, 3), View("right", 3, 6)]));
        Assert.Contains(
            "Parameter left and parameter right share memory",
            DistinctParameters.Trouble([View("left", 0, 4), View("right", 3, 6)]),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void What_shares_memory_without_being_trained_is_nobodys_trouble()
    {
        var whole = zeros(6);
        Assert.Null(DistinctParameters.Trouble([("a", whole.narrow(0, 0, 4)), ("b", whole.narrow(0, 2, 4))]));
        Assert.Null(
            DistinctParameters.Trouble([("a", zeros(2).requires_grad_()), ("b", zeros(2)), ("empty", zeros(0))])
        );
    }

    [Fact]
    public void One_number_that_serves_as_several_is_refused() =>
        Assert.Contains(
            "shares one number in memory between several elements",
            DistinctParameters.Trouble([("wide", zeros(1, 3).expand(4, 3).detach().requires_grad_())]),
            StringComparison.Ordinal
        );

    private static TorchSharp.DisposeScope Scope()
    {
        LibTorch.Load();
        return NewDisposeScope();
    }

    private sealed class Parts : nn.Module<Tensor, Tensor>
    {
        public Parts(params (string Name, Linear Layer)[] parts)
            : base(nameof(Parts))
        {
            foreach (var (name, layer) in parts)
                register_module(name, layer);
        }

        public override Tensor forward(Tensor input) => input;
    }
}
