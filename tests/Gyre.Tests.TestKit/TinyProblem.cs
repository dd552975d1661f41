using Gyre.Lab.Models;
using Gyre.Lab.Objectives;
using static TorchSharp.torch;

namespace Gyre.Tests.TestKit;

/// <summary>
/// A small classification problem made from a seed: inputs, labels, an MLP and its objective, all released together.
/// </summary>
public sealed class TinyProblem : IDisposable
{
    public TinyProblem(
        string loss = "cross-entropy",
        string activation = "tanh",
        int samples = 12,
        int features = 4,
        int classes = 3,
        int[]? widths = null,
        int chunk = 1000,
        double weightDecay = 0,
        ScalarType dtype = ScalarType.Float64,
        int seed = 7
    )
    {
        using var generator = new Generator((ulong)seed);
        Inputs = randn([samples, features], dtype: ScalarType.Float64, generator: generator)
            .to(dtype)
            .DetachFromDisposeScope();
        Labels = randint(classes, [samples], dtype: ScalarType.Int64, generator: generator).DetachFromDisposeScope();
        Model = ModelCatalog.Build(
            "mlp",
            new ModelRequest
            {
                InputShape = [features],
                Outputs = classes,
                Widths = widths ?? [5],
                Depth = 2,
                Activation = activation,
                Initialisation = "lecun-normal",
                Seed = seed,
                Dtype = dtype,
                Device = CPU,
            }
        );
        Objective = new Objective(Model, LossCatalog.Get(loss), Inputs, Labels, chunk, weightDecay);
    }

    public Tensor Inputs { get; }

    public Tensor Labels { get; }

    public nn.Module<Tensor, Tensor> Model { get; }

    public Objective Objective { get; }

    /// <summary>theta as host numbers.</summary>
    public double[] Theta
    {
        get
        {
            using var scope = NewDisposeScope();
            using var none = no_grad();
            return Objective.Layout.Flatten(Objective.Parameters).to(ScalarType.Float64).data<double>().ToArray();
        }
        set
        {
            using var scope = NewDisposeScope();
            Objective.Layout.CopyTo(tensor(value).to(Objective.Layout.Dtype), Objective.Parameters);
        }
    }

    /// <summary>∇L at a theta, as host numbers; theta is put back.</summary>
    public double[] GradientAt(double[] theta)
    {
        var before = Theta;
        Theta = theta;
        using var scope = NewDisposeScope();
        var gradient = Objective.Evaluate().Gradient.to(ScalarType.Float64).data<double>().ToArray();
        Theta = before;
        return gradient;
    }

    /// <summary>The Hessian at the present theta, row by row, from products with unit vectors.</summary>
    public double[,] HessianByProducts(long cacheBytes)
    {
        using var scope = NewDisposeScope();
        using var graph = Objective.Linearize(cacheBytes);
        var n = (int)Objective.Layout.Dimension;
        var dense = new double[n, n];
        for (var i = 0; i < n; i++)
        {
            using var unit = zeros(n, dtype: Objective.Layout.Dtype);
            unit[i] = 1.0;
            var row = graph.Product(unit).to(ScalarType.Float64).data<double>().ToArray();
            for (var j = 0; j < n; j++)
                dense[i, j] = row[j];
        }
        return dense;
    }

    public void Dispose()
    {
        Objective.Dispose();
        Model.Dispose();
        Inputs.Dispose();
        Labels.Dispose();
    }
}
