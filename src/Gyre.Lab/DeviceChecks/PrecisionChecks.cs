using Gyre.Torch;
using static TorchSharp.torch;

namespace Gyre.Lab.DeviceChecks;

/// <summary>Checks the precision of the device's arithmetic.</summary>
internal static class PrecisionChecks
{
    /// <summary>
    /// float32 sums a few hundred products to about 1e-6 of their magnitude; TF32, with its 10 bits, to about 1e-3.
    /// </summary>
    private const double Float32 = 2e-5;

    public static IReadOnlyList<DeviceCheck> All { get; } =
    [
        new(
            "matrix product",
            "float32 against float64 on the host; TF32 would be off by 1e-3",
            Float32,
            device => ProductError(device, (a, b) => a.mm(b))
        ),
        new("convolution", "float32 against float64 on the host; TF32 would be off by 1e-3", Float32, ConvolutionError),
        new("same bits", "loss and gradient twice at one theta, float32, bit for bit", 0, RepeatingError),
    ];

    private static double ProductError(Device device, Func<Tensor, Tensor, Tensor> product)
    {
        var (a, b) = (Drawn(1, 256, 256), Drawn(2, 256, 256));
        return Error(product(a.to(ScalarType.Float32).to(device), b.to(ScalarType.Float32).to(device)), product(a, b));
    }

    private static double ConvolutionError(Device device)
    {
        using var none = no_grad();
        var (images, weight) = (Drawn(3, 16, 16, 16, 16), Drawn(4, 32, 16, 3, 3));
        var found = nn.functional.conv2d(
            images.to(ScalarType.Float32).to(device),
            weight.to(ScalarType.Float32).to(device),
            padding: [1, 1]
        );
        return Error(found, nn.functional.conv2d(images, weight, padding: [1, 1]));
    }

    private static double RepeatingError(Device device)
    {
        var worst = 0.0;
        foreach (var network in new[] { "mlp", "cnn", "vgg", "sequence-transformer" })
        {
            using var problem = new CheckProblem(device, network, dtype: ScalarType.Float32);
            var (first, second) = (problem.Objective.Evaluate(), problem.Objective.Evaluate());
            worst = Math.Max(
                worst,
                Math.Abs(first.Loss - second.Loss) + Host.Number((first.Gradient - second.Gradient).abs().max())
            );
        }
        return worst;
    }

    /// <summary>
    /// Draws numbers that float32 represents exactly, so that the copy to the device loses nothing.
    /// </summary>
    private static Tensor Drawn(int seed, params long[] shape)
    {
        using var generator = new Generator((ulong)seed, CPU);
        return randn(shape, ScalarType.Float32, CPU, generator: generator).to(ScalarType.Float64);
    }

    private static double Error(Tensor found, Tensor truth) =>
        Host.Number((found.cpu().to(ScalarType.Float64) - truth).abs().max()) / Host.Number(truth.abs().max());
}
