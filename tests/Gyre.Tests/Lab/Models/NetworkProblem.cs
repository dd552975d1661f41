using Gyre.Lab.Models;
using Gyre.Lab.Objectives;
using static TorchSharp.torch;

namespace Gyre.Tests.Lab.Models;

/// <summary>
/// A tiny network of the catalog with data of its kind, made from a seed, and the objective; all released together.
/// </summary>
internal sealed class NetworkProblem : IDisposable
{
    public const int Classes = 3;

    /// <summary>Every network of samples that need more than an MLP, with each norm it has.</summary>
    public static TheoryData<string, string> Networks()
    {
        var cases = new TheoryData<string, string>();
        foreach (var kind in ModelCatalog.Kinds.Where(kind => kind.Norms.Count > 1))
        {
            foreach (var norm in kind.Norms)
                cases.Add(kind.Name, norm);
        }
        return cases;
    }

    public NetworkProblem(
        string name,
        string norm = ModelSpec.OwnNorm,
        string activation = "silu",
        ScalarType dtype = ScalarType.Float64,
        int chunk = 1000,
        int samples = 6,
        string pooling = "class-token",
        int seed = 5,
        string rule = "pytorch",
        int width = 0
    )
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator((ulong)seed);
        var request = Request(name, dtype, seed) with
        {
            Norm = norm,
            Activation = activation,
            Pooling = pooling,
            Initialisation = rule,
        };
        if (width > 0)
            request = request with { Width = width, Widths = [width] };
        Inputs = (
            request.Tokens
                ? randint(Classes, [samples, .. request.InputShape], dtype: ScalarType.Int64, generator: generator)
                : randn([samples, .. request.InputShape], dtype: ScalarType.Float64, generator: generator).to(dtype)
        ).DetachFromDisposeScope();
        Labels = randint(
                Classes,
                request.Tokens ? Inputs.shape : [samples],
                dtype: ScalarType.Int64,
                generator: generator
            )
            .DetachFromDisposeScope();
        Model = ModelCatalog.Build(name, request);
        Objective = new Objective(Model, LossCatalog.Get("cross-entropy"), Inputs, Labels, chunk);
    }

    public Tensor Inputs { get; }

    public Tensor Labels { get; }

    public Network Model { get; }

    public Objective Objective { get; }

    public static ModelRequest Request(string name, ScalarType dtype = ScalarType.Float64, int seed = 5) =>
        new()
        {
            InputShape = name switch
            {
                "vgg" => [3, 32, 32],
                "sequence-transformer" => [5],
                _ => [8, 8],
            },
            Outputs = Classes,
            Widths = [3, 2],
            Depth = name switch
            {
                "resnet" => 8,
                "vgg" => 10,
                "cnn" => 0,
                _ => 1,
            },
            Activation = "silu",
            Initialisation = "pytorch",
            Seed = seed,
            Dtype = dtype,
            Device = CPU,
            Width = name is "vgg" or "resnet" ? 2 : 4,
            Heads = 2,
            Tokens = name == "sequence-transformer",
        };

    public Tensor Theta() => Objective.Layout.Flatten(Objective.Parameters).detach().clone();

    public Tensor GradientAt(Tensor theta)
    {
        Objective.Layout.CopyTo(theta, Objective.Parameters);
        return Objective.Evaluate().Gradient;
    }

    /// <summary>The least relative distance, over steps, of H·v and the central difference of the gradient.</summary>
    public double ProductError(Tensor vector)
    {
        using var scope = NewDisposeScope();
        using var graph = Objective.Linearize(long.MaxValue);
        var product = graph.Product(vector).clone();
        var theta = Theta();
        var errors = new List<double>();
        foreach (var step in new[] { 1e-3, 1e-4, 1e-5, 1e-6 })
        {
            var difference = (GradientAt(theta + step * vector) - GradientAt(theta - step * vector)) / (2 * step);
            errors.Add((difference - product).norm().item<double>() / product.norm().item<double>());
        }
        Objective.Layout.CopyTo(theta, Objective.Parameters);
        return errors.Min();
    }

    public Tensor Direction(int seed)
    {
        using var generator = new Generator((ulong)seed);
        return randn([Objective.Layout.Dimension], dtype: ScalarType.Float64, generator: generator)
            .to(Objective.Layout.Dtype);
    }

    public void Dispose()
    {
        Objective.Dispose();
        Model.Dispose();
        Inputs.Dispose();
        Labels.Dispose();
    }
}
