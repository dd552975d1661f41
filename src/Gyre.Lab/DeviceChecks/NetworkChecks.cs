using Gyre.Lab.Models;
using Gyre.Torch;
using static TorchSharp.torch;

namespace Gyre.Lab.DeviceChecks;

/// <summary>Compares every network of the catalog on the device with the same network on the CPU.</summary>
internal static class NetworkChecks
{
    private static readonly string[] Networks = ["mlp", "cnn", "vgg", "resnet", "vit", "sequence-transformer"];

    public static IReadOnlyList<DeviceCheck> All { get; } =
    [
        new(
            "initialisation",
            "theta of every network, bit for bit that of the processor",
            0,
            device => Worst(device, ThetaError)
        ),
        .. Networks.Select(network => new DeviceCheck(
            network,
            "float64 loss, gradient and product against the processor's",
            1e-9,
            device => DerivativesError(device, network, ScalarType.Float64)
        )),
        .. new[] { "vgg", "resnet" }.Select(network => new DeviceCheck(
            $"{network}, float32",
            "float32 gradient and product against float64 on the processor",
            1e-3,
            device => DerivativesError(device, network, ScalarType.Float32)
        )),
    ];

    private static double Worst(Device device, Func<Device, string, double> measure) =>
        Networks.Max(network => measure(device, network));

    private static double ThetaError(Device device, string network)
    {
        using var pair = Both(device, network, ScalarType.Float32, ScalarType.Float32);
        var (here, there) = pair;
        return Host.Number((Theta(here).cpu() - Theta(there)).abs().max());
    }

    private static double DerivativesError(Device device, string network, ScalarType dtype)
    {
        using var pair = Both(device, network, dtype, ScalarType.Float64);
        var (here, there) = pair;
        if (dtype == ScalarType.Float32) // from the same numbers, so that only the arithmetic differs
            there.Objective.Layout.CopyTo(Theta(here).cpu().to(ScalarType.Float64), there.Objective.Parameters);
        var ((loss, gradient, product), truth) = (Derivatives(here), Derivatives(there));
        return new[]
        {
            Math.Abs(loss - truth.Loss) / Math.Abs(truth.Loss),
            Norm(gradient, truth.Gradient),
            Norm(product, truth.Product),
        }.Max();
    }

    private static (double Loss, double[] Gradient, double[] Product) Derivatives(CheckProblem problem)
    {
        using var scope = NewDisposeScope();
        using var graph = problem.Objective.Linearize(1L << 40);
        return (
            graph.Value.Loss,
            Host.Numbers(graph.Value.Gradient),
            Host.Numbers(graph.Product(problem.Direction(1)))
        );
    }

    /// <summary>‖found − truth‖/‖truth‖.</summary>
    private static double Norm(double[] found, double[] truth) =>
        Math.Sqrt(found.Zip(truth, (one, other) => (one - other) * (one - other)).Sum() / truth.Sum(one => one * one));

    private static Tensor Theta(CheckProblem problem) =>
        problem.Objective.Layout.Flatten(problem.Objective.Parameters).detach();

    private static Pair Both(Device device, string network, ScalarType dtype, ScalarType truth)
    {
        // Channels and samples in multiples of 16, which are correct in float32 on every CPU
        // (docs/decisions/0006-onednn.md). Few samples suffice, since this does not measure speed.
        var (width, samples) = network is ModelNames.Vgg or ModelNames.ResNet or ModelNames.Cnn ? (16, 16) : (4, 12);
        var norm = network == ModelNames.Cnn ? NormNames.Group : ModelSpec.OwnNorm;
        return new Pair(
            new CheckProblem(device, network, norm, dtype, samples, samples, width),
            new CheckProblem(CPU, network, norm, truth, samples, samples, width)
        );
    }

    private sealed record Pair(CheckProblem Here, CheckProblem There) : IDisposable
    {
        public void Dispose()
        {
            Here.Dispose();
            There.Dispose();
        }
    }
}
