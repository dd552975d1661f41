using static TorchSharp.torch;

namespace Gyre.Torch.Exported;

/// <summary>
/// Operators that create a tensor from scratch. Without an explicit dtype they create float32, whatever dtype the
/// rest of the program is computed in.
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

    /// <summary>Operators whose dtype follows from the numbers passed to them.</summary>
    private static readonly HashSet<string> ByNumbers = ["arange", "full", "range"];

    /// <summary>Whether a node creates real numbers without specifying their dtype.</summary>
    /// <param name="node">A node of the <c>aten</c> namespace.</param>
    /// <param name="graph">The graph that contains the node.</param>
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
