using static TorchSharp.torch;

namespace Gyre.Lab.Models;

/// <summary>Draws the parameters of one layer.</summary>
/// <param name="shape">Shape of the weight: <c>[fan_out, fan_in]</c>, or <c>[out, in, kh, kw]</c> for a convolution,
/// whose fan_in is in·kh·kw and whose fan_out is out·kh·kw.</param>
/// <param name="generator">Source of all random numbers.</param>
/// <returns>Weight of that shape and bias <c>[shape[0]]</c>, float64 on the CPU, in the caller's dispose
/// scope.</returns>
internal delegate (Tensor Weight, Tensor Bias) Initialization(long[] shape, Generator generator);

/// <summary>
/// The initialization catalog, from names to rules for a layer's weight and bias. A new rule is one line here.
/// Numbers are drawn in float64 and rounded later, so float32 and float64 runs with the same seed start at the same
/// point.
/// </summary>
internal static class Initializations
{
    private static readonly Dictionary<string, Initialization> Catalog = new(StringComparer.Ordinal)
    {
        // PyTorch's default for linear layers and convolutions, which the edge-of-stability literature trains with:
        // U(±1/sqrt(fan_in)), for the bias too.
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

    /// <summary>Every name, in catalog order.</summary>
    public static IReadOnlyList<string> Names => [.. Catalog.Keys];

    /// <summary>Returns the rule of the given name.</summary>
    /// <exception cref="ArgumentException">The name is not in the catalog.</exception>
    public static Initialization Get(string name) =>
        Catalog.TryGetValue(name, out var rule)
            ? rule
            : throw new ArgumentException(
                $"'{name}' is not an initialization; choose one of {string.Join(", ", Catalog.Keys)}.",
                nameof(name)
            );

    private static double FanIn(long[] shape) => shape[1..].Aggregate(1.0, (product, size) => product * size);

    private static double FanOut(long[] shape) => FanIn(shape) / shape[1] * shape[0];

    /// <summary>
    /// Draws from U(±bound) by filling an empty tensor, as <c>rand</c> does internally. If memory runs out,
    /// TorchSharp's <c>rand</c> returns a tensor without memory, and the next use of it terminates the process.
    /// </summary>
    private static Tensor Uniform(long[] shape, double bound, Generator generator) =>
        empty(shape, ScalarType.Float64, CPU).uniform_(0, 1, generator).mul_(2 * bound).sub_(bound);

    /// <summary>Draws normal numbers with mean 0, float64 on the CPU, in the caller's dispose scope.</summary>
    internal static Tensor Normal(long[] shape, double deviation, Generator generator) =>
        randn(shape, ScalarType.Float64, CPU, generator: generator).mul_(deviation);

    private static Tensor Zeros(long[] shape) => zeros(shape[0], ScalarType.Float64, CPU);
}
