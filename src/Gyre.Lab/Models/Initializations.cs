using static TorchSharp.torch;

namespace Gyre.Lab.Models;

/// <summary>Draws the parameters of one layer.</summary>
/// <param name="shape">Shape of the weight: <c>[fan_out, fan_in]</c>, or <c>[out, in, kh, kw]</c> of a convolution,
/// whose fan_in is in·kh·kw and whose fan_out is out·kh·kw.</param>
/// <param name="generator">Source of every draw.</param>
/// <returns>Weight of that shape and bias <c>[shape[0]]</c>, float64 on the CPU, in the caller's dispose
/// scope.</returns>
internal delegate (Tensor Weight, Tensor Bias) Initialization(long[] shape, Generator generator);

/// <summary>
/// The initialisation catalog: name → rule for a layer's weight and bias. A new rule is one line here.
/// Draws are float64 and rounded later, so float32 and float64 runs of one seed start at the same point.
/// </summary>
internal static class Initializations
{
    private static readonly Dictionary<string, Initialization> Catalog = new(StringComparer.Ordinal)
    {
        // PyTorch's default for linear layers and convolutions, which the edge-of-stability literature trains with:
        // U(±1/sqrt(fan_in)), bias too.
        ["pytorch"] = (shape, generator) =>
            (
                Uniform(shape, Math.Sqrt(1.0 / FanIn(shape)), generator),
                Uniform([shape[0]], Math.Sqrt(1.0 / FanIn(shape)), generator)
            ),
        ["lecun-normal"] = (shape, generator) =>
            (Normal(shape, Math.Sqrt(1.0 / FanIn(shape)), generator), Zeros(shape)), // LeCun et al. 1998
        // He et al. 2015
        ["he-normal"] = (shape, generator) => (Normal(shape, Math.Sqrt(2.0 / FanIn(shape)), generator), Zeros(shape)),
        ["xavier-normal"] = (shape, generator) =>
            // Glorot & Bengio 2010
            (Normal(shape, Math.Sqrt(2.0 / (FanOut(shape) + FanIn(shape))), generator), Zeros(shape)),
    };

    /// <summary>Every name, in the order of the catalog.</summary>
    public static IReadOnlyList<string> Names => [.. Catalog.Keys];

    /// <summary>The rule of a name.</summary>
    /// <exception cref="ArgumentException">The name is not in the catalog.</exception>
    public static Initialization Get(string name) =>
        Catalog.TryGetValue(name, out var rule)
            ? rule
            : throw new ArgumentException(
                $"'{name}' is not an initialisation; the catalog has {string.Join(", ", Catalog.Keys)}.",
                nameof(name)
            );

    private static double FanIn(long[] shape) => shape[1..].Aggregate(1.0, (product, size) => product * size);

    private static double FanOut(long[] shape) => FanIn(shape) / shape[1] * shape[0];

    /// <summary>
    /// By the filling of an empty tensor, which is what <c>rand</c> does: TorchSharp's <c>rand</c> returns a tensor
    /// without memory where there is none, and the next use of it ends the process.
    /// </summary>
    private static Tensor Uniform(long[] shape, double bound, Generator generator) =>
        empty(shape, ScalarType.Float64, CPU).uniform_(0, 1, generator).mul_(2 * bound).sub_(bound);

    /// <summary>Normal numbers of mean 0, float64 on the CPU, in the caller's dispose scope.</summary>
    internal static Tensor Normal(long[] shape, double deviation, Generator generator) =>
        randn(shape, ScalarType.Float64, CPU, generator: generator).mul_(deviation);

    private static Tensor Zeros(long[] shape) => zeros(shape[0], ScalarType.Float64, CPU);
}
