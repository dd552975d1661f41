using static TorchSharp.torch;

namespace Gyre.Lab.Models;

/// <summary>The activation catalog, from names to functions. A new activation is one line here.</summary>
internal static class Activations
{
    private static readonly Dictionary<string, Func<Tensor, Tensor>> Catalog = new(StringComparer.Ordinal)
    {
        ["relu"] = x => x.relu(),
        ["tanh"] = x => x.tanh(),
        ["gelu"] = x => nn.functional.gelu(x),
        ["silu"] = x => nn.functional.silu(x),
        ["softplus"] = x => nn.functional.softplus(x),
        ["elu"] = x => nn.functional.elu(x, 1.0),
        ["sigmoid"] = x => x.sigmoid(),
        ["leaky-relu"] = x => nn.functional.leaky_relu(x, 0.01),
        ["hardtanh"] = x => nn.functional.hardtanh(x),
        ["linear"] = x => x.alias(),
    };

    /// <summary>Every name, in catalog order.</summary>
    public static IReadOnlyList<string> Names => [.. Catalog.Keys];

    /// <summary>
    /// Returns the activation of the given name, which is elementwise, keeps the shape and returns a new tensor.
    /// </summary>
    /// <exception cref="ArgumentException">The name is not in the catalog.</exception>
    public static Func<Tensor, Tensor> Get(string name) =>
        Catalog.TryGetValue(name, out var activation)
            ? activation
            : throw new ArgumentException(
                $"'{name}' is not an activation; choose one of {string.Join(", ", Catalog.Keys)}.",
                nameof(name)
            );
}
