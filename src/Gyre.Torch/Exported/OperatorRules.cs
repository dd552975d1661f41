namespace Gyre.Torch.Exported;

/// <summary>
/// Facts about operators beyond their names: which are random, which have shapes that depend on data, which change
/// the state of a tensor, which only check, which return views, and which write into their arguments.
/// </summary>
internal static class OperatorRules
{
    /// <summary>Operators that draw random numbers regardless of their arguments.</summary>
    private static readonly HashSet<string> Random =
    [
        "rand",
        "rand_like",
        "randn",
        "randn_like",
        "randint",
        "randint_like",
        "randperm",
        "normal",
        "normal_",
        "normal_functional",
        "bernoulli",
        "bernoulli_",
        "multinomial",
        "poisson",
        "binomial",
        "uniform",
        "uniform_",
        "random",
        "random_",
        "exponential",
        "exponential_",
        "geometric",
        "geometric_",
        "cauchy",
        "cauchy_",
        "log_normal",
        "log_normal_",
        "rrelu_with_noise",
        "rrelu_with_noise_functional",
        "_fused_dropout",
        "_sample_dirichlet",
        "_standard_gamma",
    ];

    /// <summary>Operators that are random in training mode, each with the argument that enables it.</summary>
    private static readonly Dictionary<string, string> RandomInTraining = new()
    {
        ["dropout"] = "train",
        ["dropout_"] = "train",
        ["native_dropout"] = "train",
        ["alpha_dropout"] = "train",
        ["alpha_dropout_"] = "train",
        ["feature_dropout"] = "train",
        ["feature_dropout_"] = "train",
        ["feature_alpha_dropout"] = "train",
        ["feature_alpha_dropout_"] = "train",
        ["rrelu"] = "training",
        ["rrelu_"] = "training",
    };

    private static readonly HashSet<string> DataDependent =
    [
        "nonzero",
        "nonzero_numpy",
        "masked_select",
        "_unique2",
        "unique_dim",
        "unique_consecutive",
        "unique_dim_consecutive",
        "argwhere",
        "item",
        "_local_scalar_dense",
        "is_nonzero",
        "bincount",
        "_nested_tensor_from_mask",
    ];

    /// <summary>Operators that act on the storage, the autograd graph or the flags of a tensor.</summary>
    private static readonly HashSet<string> TensorState =
    [
        "_backward",
        "backward",
        "record_stream",
        "requires_grad_",
        "resize_",
        "resize_as_",
        "resize_as_sparse_",
        "retain_grad",
        "set_",
        "set_data",
    ];

    /// <summary>The exporter's guards on types and sizes, which are checked here in other ways.</summary>
    private static readonly HashSet<string> Guards =
    [
        "_assert_tensor_metadata",
        "_assert_async",
        "_assert_scalar",
        "sym_constrain_range",
        "sym_constrain_range_for_size",
        "_functional_assert_async",
        "_functional_assert_scalar",
        "_functional_sym_constrain_range",
        "_functional_sym_constrain_range_for_size",
        "_print",
    ];

    /// <summary>Operators whose results may share memory with the first argument.</summary>
    private static readonly HashSet<string> Views =
    [
        "_conj",
        "_neg_view",
        "_reshape_alias",
        "adjoint",
        "alias",
        "alpha_dropout",
        "as_strided",
        "atleast_1d",
        "atleast_2d",
        "atleast_3d",
        "broadcast_to",
        "chunk",
        "conj",
        "contiguous",
        "detach",
        "detach_",
        "diagonal",
        "expand",
        "expand_as",
        "feature_alpha_dropout",
        "feature_dropout",
        "flatten",
        "imag",
        "lift",
        "lift_fresh",
        "matrix_H",
        "mH",
        "mT",
        "movedim",
        "moveaxis",
        "narrow",
        "numpy_T",
        "permute",
        "positive",
        "ravel",
        "real",
        "reshape",
        "reshape_as",
        "resolve_conj",
        "resolve_neg",
        "select",
        "slice",
        "split",
        "split_with_sizes",
        "squeeze",
        "squeeze_",
        "swapaxes",
        "swapdims",
        "t",
        "t_",
        "tensor_split",
        "to",
        "transpose",
        "transpose_",
        "type_as",
        "unbind",
        "unflatten",
        "unfold",
        "unsafe_chunk",
        "unsafe_split",
        "unsafe_split_with_sizes",
        "unsqueeze",
        "unsqueeze_",
        "view",
        "view_as",
        "view_as_complex",
        "view_as_real",
        "dropout",
        "dropout_",
        "hsplit",
        "vsplit",
        "dsplit",
    ];

    /// <summary>Norms that update their statistics in training, each with the argument that enables it.</summary>
    private static readonly Dictionary<string, string> Statistics = new()
    {
        ["batch_norm"] = "training",
        ["native_batch_norm"] = "training",
        ["_native_batch_norm_legit"] = "training",
        ["_batch_norm_with_update"] = "momentum",
        ["cudnn_batch_norm"] = "training",
        ["miopen_batch_norm"] = "training",
        ["instance_norm"] = "use_input_stats",
    };

    /// <summary>Whether a node only checks what the exporter observed.</summary>
    public static bool IsGuard(GraphNode node) => node.Namespace == "aten" && Guards.Contains(node.Operator);

    /// <summary>Whether the results of a node may share memory with its first argument.</summary>
    public static bool IsView(GraphNode node) => Views.Contains(node.Operator) || Writes(node.Operator);

    /// <summary>Returns why a node cannot be used, or null if it can.</summary>
    public static string? FindTrouble(GraphNode node) =>
        node.Namespace switch
        {
            "aten" => TroubleOfAten(node),
            "higher_order" when ScopedGraph.IsInlined(node) => ScopedGraph.FindTrouble(node),
            "higher_order" => "is control flow or another operator on graphs",
            "" => Symbolic.IsKnown(node.Target) ? null : "is an unknown operator",
            _ => "is a custom operator: its code is not in the file",
        };

    /// <summary>Returns the names of the arguments that a node writes into.</summary>
    public static IEnumerable<string> Written(GraphNode node)
    {
        if (node.Namespace != "aten")
            return [];
        if (node.Overload.Contains("out", StringComparison.Ordinal) && node.FindArgument("out") is { } target)
            return target.Names;
        if (Writes(node.Operator))
            return node.Inputs is [var first, ..] ? first.Value.Names : [];
        if (Statistics.TryGetValue(node.Operator, out var flag) && IsOn(node, flag))
            return node
                .Inputs.Where(one => one.Name is "running_mean" or "running_var")
                .SelectMany(one => one.Value.Names);
        return [];
    }

    private static string? TroubleOfAten(GraphNode node)
    {
        if (Random.Contains(node.Operator) || IsTrainingDropout(node) || HasAttentionDropout(node))
            return "draws random numbers: export the module in evaluation mode (model.eval())";
        if (TorchScriptCode.FindEffect(node.Operator) is { } effect)
            return $"{effect}, which networks do not need";
        if (TensorState.Contains(node.Operator))
            return "changes what a tensor is, not its values";
        if (DataDependent.Contains(node.Operator))
            return "returns a shape or a number that depends on the data";
        return null;
    }

    private static bool IsTrainingDropout(GraphNode node) =>
        RandomInTraining.TryGetValue(node.Operator, out var flag)
        && IsOn(node, flag)
        && !IsZero(node.FindArgument("p"));

    private static bool HasAttentionDropout(GraphNode node) =>
        node.Operator.StartsWith("_scaled_dot_product", StringComparison.Ordinal)
            | node.Operator == "scaled_dot_product_attention"
        && node.FindArgument("dropout_p") is { } chance
        && !IsZero(chance);

    /// <summary>Whether a flag is on. An omitted flag has its default, which is false for all of these.</summary>
    private static bool IsOn(GraphNode node, string flag) =>
        node.FindArgument(flag) is { } value && (value.Kind != "as_bool" || value.Value.GetBoolean());

    private static bool IsZero(GraphValue? value) =>
        value is { Kind: "as_float" or "as_int" } && SchemaJson.Number(value.Value) == 0;

    /// <summary>
    /// Whether an operator writes into its first argument: by ATen's convention, its name ends in exactly one
    /// underscore.
    /// </summary>
    private static bool Writes(string name) => name.EndsWith('_') && !name.EndsWith("__", StringComparison.Ordinal);
}
