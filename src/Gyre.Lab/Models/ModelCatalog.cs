using static TorchSharp.torch;

namespace Gyre.Lab.Models;

/// <summary>A model that does not suit the data; the message says why and what to do.</summary>
public sealed class ModelException : Exception
{
    /// <summary>Makes the exception with the sentences a user reads.</summary>
    public ModelException(string message) : base(message) { }
}

/// <summary>What a model builder is given.</summary>
/// <param name="InputShape">Shape of one sample, without the batch dimension.</param>
/// <param name="Outputs">Width of the output: the number of classes, or of targets.</param>
/// <param name="Widths">Hidden widths.</param>
/// <param name="Depth">Factors of each output, of models that multiply.</param>
/// <param name="Activation">A name of <see cref="Activations"/>.</param>
/// <param name="Initialisation">A name of <see cref="Initialisations"/>.</param>
/// <param name="Seed">Of the initialisation.</param>
/// <param name="Dtype">Of the parameters.</param>
/// <param name="Device">Of the parameters.</param>
public sealed record ModelRequest(
    IReadOnlyList<long> InputShape, long Outputs, IReadOnlyList<int> Widths, int Depth, string Activation, string Initialisation,
    long Seed, ScalarType Dtype, Device Device);

/// <summary>The model catalog: name → builder. A new model is one new file and one line here.</summary>
public static class ModelCatalog
{
    private static readonly Dictionary<string, Func<ModelRequest, nn.Module<Tensor, Tensor>>> Catalog = new(StringComparer.Ordinal)
    {
        ["mlp"] = request => new Mlp(request),
        ["deep-linear"] = request => new DeepLinear(request),
        ["diagonal-linear"] = request => new DiagonalLinear(request),
    };

    /// <summary>Every name, in the order of the catalog.</summary>
    public static IReadOnlyList<string> Names => [.. Catalog.Keys];

    /// <summary>Builds a model on its device, in its dtype; the caller disposes it.</summary>
    /// <exception cref="ArgumentException">The name is not in the catalog, or the request does not suit the model.</exception>
    public static nn.Module<Tensor, Tensor> Build(string name, ModelRequest request) =>
        Catalog.TryGetValue(name, out var build)
            ? build(request)
            : throw new ArgumentException($"'{name}' is not a model; the catalog has {string.Join(", ", Catalog.Keys)}.", nameof(name));
}
