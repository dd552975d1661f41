namespace Gyre.Torch.Exported;

/// <summary>
/// Operators whose second derivative is missing or wrong in libtorch. They are written by their definitions, which
/// libtorch differentiates correctly. Only their first result is available.
/// </summary>
internal static class OperatorDefinitions
{
    private const string WeightNorm = "_weight_norm";

    /// <summary>
    /// Attention kernels have no second derivative. The operator that selects among them does if the fast kernels are
    /// disabled.
    /// </summary>
    private static readonly HashSet<string> AttentionKernels =
    [
        "_scaled_dot_product_flash_attention_for_cpu",
        "_scaled_dot_product_flash_attention",
        "_scaled_dot_product_efficient_attention",
        "_scaled_dot_product_cudnn_attention",
        "_scaled_dot_product_fused_attention_overrideable",
    ];

    /// <summary>Whether a node calls one of these operators.</summary>
    public static bool Has(GraphNode node) =>
        node.Namespace == "aten"
        && (
            AttentionKernels.Contains(node.Operator)
            || node.Operator is WeightNorm or "_weight_norm_interface" or "hardsigmoid"
        );

    /// <summary>Returns the expression for such a node, and a sentence about the replacement.</summary>
    /// <param name="node">A node that satisfies <see cref="Has"/>.</param>
    /// <param name="find">Returns the expression of an argument, or null if it is omitted.</param>
    public static (string Expression, string Note) Write(GraphNode node, Func<string, string?> find) =>
        node.Operator switch
        {
            "hardsigmoid" => (
                $"ops.aten.div(ops.aten.clamp(ops.aten.add({find("self")}, 3), 0, 6), 6)",
                "hardsigmoid has no second derivative in libtorch: it is computed by its definition."
            ),
            WeightNorm or "_weight_norm_interface" => (
                $"ops.aten.mul({find("v")}, ops.aten.div({find("g")}, "
                    + $"ops.aten.norm_except_dim({find("v")}, 2, {find("dim") ?? "0"})))",
                $"{WeightNorm} has a wrong second derivative in libtorch, which treats the norm as a constant: it is "
                    + "computed by its definition."
            ),
            _ => (
                Attention(find),
                $"{node.Operator} has no second derivative: scaled_dot_product_attention is computed by its definition."
            ),
        };

    private static string Attention(Func<string, string?> find) =>
        $"ops.aten.scaled_dot_product_attention({find("query")}, {find("key")}, {find("value")}, "
        + $"attn_mask={find("attn_mask") ?? find("attn_bias") ?? "None"}, dropout_p=0.0, "
        + $"is_causal={find("is_causal") ?? "False"}, scale={find("scale") ?? "None"})";
}
