using static TorchSharp.torch;

namespace Gyre.Torch.Exported;

/// <summary>
/// Operators that make a tensor from nothing. Without a type they make float32, whatever the rest is computed in.
/// </summary>
internal static class Factories
{
    private static readonly HashSet<string> Real =
    [
        "bartlett_window",
        "blackman_window",
        "empty",
        "empty_strided",
        "eye",
        "hamming_window",
        "hann_window",
        "kaiser_window",
        "linspace",
        "logspace",
        "ones",
        "scalar_tensor",
        "zeros",
    ];

    /// <summary>Operators whose type follows from the numbers that they are given.</summary>
    private static readonly HashSet<string> ByNumbers = ["arange", "full", "range"];

    /// <summary>Whether a node makes real numbers and does not say of which type.</summary>
    /// <param name="node">Of ATen.</param>
    /// <param name="graph">That holds it.</param>
    public static bool LeavesTypeOpen(GraphNode node, Graph graph)
    {
        if (!Real.Contains(node.Operator) && !ByNumbers.Contains(node.Operator))
            return false;
        if (node.FindArgument("dtype") is { Kind: not "as_none" })
            return false;
        var known = node
            .Outputs.SelectMany(one => one.Names)
            .Select(name => graph.Tensors.GetValueOrDefault(name)?.Dtype)
            .FirstOrDefault();
        return known is { } dtype
            ? dtype is ScalarType.Float32 or ScalarType.Float64 or ScalarType.Float16 or ScalarType.BFloat16
            : Real.Contains(node.Operator) || node.Inputs.Any(one => one.Value.Kind == "as_float");
    }
}
