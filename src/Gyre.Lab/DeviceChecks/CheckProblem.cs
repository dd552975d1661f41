using Gyre.Lab.Models;
using Gyre.Lab.Objectives;
using Gyre.Torch;
using static TorchSharp.torch;

namespace Gyre.Lab.DeviceChecks;

/// <summary>
/// A small classification problem on a device. Data and initialization are drawn on the CPU from one seed, so that
/// they are the same on every device.
/// </summary>
internal sealed class CheckProblem : IDisposable
{
    private const int Classes = 3;
    private const int Seed = 11;
    private const double WeightDecay = 0.01;

    public CheckProblem(
        Device device,
        string network = ModelNames.Mlp,
        string norm = ModelSpec.OwnNorm,
        ScalarType dtype = ScalarType.Float64,
        int samples = 24,
        int chunk = 7,
        int width = 4
    )
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(Seed, CPU);
        var tokens = network == ModelNames.SequenceTransformer;
        var shape = InputShape(network);
        Inputs = (
            tokens
                ? randint(Classes, [samples, .. shape], ScalarType.Int64, CPU, generator: generator)
                : randn([samples, .. shape], ScalarType.Float64, CPU, generator: generator).to(dtype)
        )
            .to(device)
            .DetachFromDisposeScope();
        Labels = randint(Classes, tokens ? [samples, .. shape] : [samples], ScalarType.Int64, CPU, generator: generator)
            .to(device)
            .DetachFromDisposeScope();
        Model = ModelCatalog.Build(
            network,
            new ModelRequest(Sizes(network, width))
            {
                InputShape = shape,
                Outputs = Classes,
                Seed = Seed,
                Dtype = dtype,
                Device = device,
                Norm = norm,
                Tokens = tokens,
            }
        );
        Objective = new Objective(Model, LossCatalog.Get(LossCatalog.CrossEntropy), Inputs, Labels, chunk, WeightDecay);
    }

    private static long[] InputShape(string network) =>
        network switch
        {
            ModelNames.Mlp => [4],
            ModelNames.Vgg => [3, 32, 32],
            ModelNames.SequenceTransformer => [5],
            _ => [8, 8],
        };

    /// <summary>Returns the sizes of the smallest network of each kind.</summary>
    private static ModelSpec Sizes(string network, int width) =>
        new()
        {
            Widths = network == ModelNames.Mlp ? [5] : [width, width],
            Depth = network switch
            {
                ModelNames.ResNet => 8,
                ModelNames.Vgg => 10,
                ModelNames.Cnn => 0,
                ModelNames.Mlp => 2,
                _ => 1,
            },
            Activation = "tanh",
            Initialisation = "pytorch",
            Width = network == ModelNames.Mlp ? 0 : width,
            Heads = network == ModelNames.Mlp ? 0 : 2,
        };

    public Tensor Inputs { get; }

    public Tensor Labels { get; }

    public Network Model { get; }

    public Objective Objective { get; }

    public int Dimension => (int)Objective.Layout.Dimension;

    /// <summary>Returns the unit vector of one entry, scaled to the given length.</summary>
    public Tensor Unit(int entry, double length = 1)
    {
        var values = new double[Dimension];
        values[entry] = length;
        return tensor(values, device: CPU).to(Objective.Layout.Dtype, Objective.Layout.Device);
    }

    /// <summary>Returns a direction of unit length, the same on every device.</summary>
    public Tensor Direction(int seed)
    {
        using var generator = new Generator((ulong)seed, CPU);
        var drawn = randn([Dimension], ScalarType.Float64, CPU, generator: generator);
        return (drawn / drawn.norm()).to(Objective.Layout.Dtype, Objective.Layout.Device);
    }

    /// <summary>Returns a symmetric operator's matrix on the host, column by column from products.</summary>
    public double[,] Dense(Func<Tensor, Tensor> product)
    {
        var dense = new double[Dimension, Dimension];
        for (var column = 0; column < Dimension; column++)
        {
            using var scope = NewDisposeScope();
            var image = Host.Numbers(product(Unit(column)));
            for (var row = 0; row < Dimension; row++)
                dense[row, column] = image[row];
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

/// <summary>Measures differences between numbers.</summary>
internal static class Apart
{
    /// <summary>Returns the largest difference, relative to the largest absolute value of the truth.</summary>
    public static double Relative(IEnumerable<double> found, IEnumerable<double> truth)
    {
        double[] expected = [.. truth];
        var scale = expected.Max(Math.Abs);
        return found
                .Zip(expected, (one, other) => Math.Abs(one - other))
                .Aggregate(0.0, (worst, apart) => double.IsNaN(apart) || apart > worst ? apart : worst) / scale;
    }

    public static double Relative(double[,] found, double[,] truth) =>
        Relative(found.Cast<double>(), truth.Cast<double>());
}
