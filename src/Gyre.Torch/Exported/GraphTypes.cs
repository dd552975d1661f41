using System.Text.Json;
using static TorchSharp.torch;

namespace Gyre.Torch.Exported;

/// <summary>
/// A size in a graph: a number, or an expression in symbols such as "s0" that the inputs determine.
/// </summary>
/// <param name="Number">The size, or null if it is symbolic.</param>
/// <param name="Symbol">The expression, or null if the size is a number.</param>
internal sealed record GraphSize(long? Number, string? Symbol);

/// <summary>The shape and dtype of a tensor, as the exporter recorded them.</summary>
/// <param name="Dtype">The dtype, or null if it is not supported here (quantized and 8-bit floats).</param>
/// <param name="Sizes">Outermost first.</param>
/// <param name="Strides">In elements; symbolic if sizes are.</param>
/// <param name="Offset">In elements, from the start of the storage.</param>
/// <param name="RequiresGrad">Whether the tensor requires a gradient.</param>
/// <param name="IsStrided">False for sparse and other layouts.</param>
internal sealed record GraphTensor(
    ScalarType? Dtype,
    IReadOnlyList<GraphSize> Sizes,
    IReadOnlyList<GraphSize> Strides,
    GraphSize Offset,
    bool RequiresGrad,
    bool IsStrided
);

/// <summary>A value in a graph, tagged with its kind, such as <c>as_tensor</c>.</summary>
/// <param name="Kind">The schema's name for the kind.</param>
/// <param name="Value">The content, in the form of that kind.</param>
internal sealed record GraphValue(string Kind, JsonElement Value)
{
    /// <summary>The names of the values that this one refers to; empty for a constant.</summary>
    public IEnumerable<string> Names =>
        Kind switch
        {
            "as_tensor" => [Value.GetProperty("name").GetString()!],
            "as_tensors" => Value.EnumerateArray().Select(one => one.GetProperty("name").GetString()!),
            "as_sym_int" or "as_sym_float" or "as_sym_bool" => SymbolNames(Value),
            "as_sym_ints" or "as_sym_floats" or "as_sym_bools" => Value.EnumerateArray().SelectMany(SymbolNames),
            "as_optional_tensor" => OptionalNames(Value),
            "as_optional_tensors" => Value.EnumerateArray().SelectMany(OptionalNames),
            "as_nested_tensors" => Value
                .EnumerateArray()
                .SelectMany(list => list.EnumerateArray().Select(one => one.GetProperty("name").GetString()!)),
            _ => [],
        };

    private static string[] SymbolNames(JsonElement symbol) =>
        symbol.TryGetProperty("as_name", out var name) ? [name.GetString()!] : [];

    private static string[] OptionalNames(JsonElement optional) =>
        optional.TryGetProperty("as_tensor", out var tensor) ? [tensor.GetProperty("name").GetString()!] : [];
}

/// <summary>An argument of a node.</summary>
/// <param name="Name">The name in the operator's schema; empty for Python's operators on numbers.</param>
/// <param name="Value">The value passed for it.</param>
internal sealed record GraphArgument(string Name, GraphValue Value);

/// <summary>One call of an operator.</summary>
/// <param name="Target">The operator's full name, such as <c>torch.ops.aten.linear.default</c>.</param>
/// <param name="Inputs">In the schema's order; arguments with default values are omitted.</param>
/// <param name="Outputs">The names of the results.</param>
/// <param name="Module">The PyTorch module that makes the call, such as <c>blocks.3.norm</c>; empty for the
/// root.</param>
internal sealed record GraphNode(
    string Target,
    IReadOnlyList<GraphArgument> Inputs,
    IReadOnlyList<GraphValue> Outputs,
    string Module
)
{
    private const string Prefix = "torch.ops.";

    /// <summary>
    /// The operator's namespace: <c>aten</c>, <c>higher_order</c>, ...; empty for Python's built-in operators.
    /// </summary>
    public string Namespace => Part(0);

    /// <summary>
    /// The operator's name within its namespace, such as <c>linear</c>; the whole target for Python's built-in
    /// operators.
    /// </summary>
    public string Operator => Namespace.Length == 0 ? Target : Part(1);

    /// <summary>The overload, such as <c>default</c> or <c>Tensor</c>; empty if the target names none.</summary>
    public string Overload => Part(2);

    /// <summary>Returns the value passed for an argument, or null if the argument is omitted.</summary>
    public GraphValue? FindArgument(string name) => Inputs.FirstOrDefault(one => one.Name == name)?.Value;

    /// <summary>Returns the operator and the module that calls it, for messages.</summary>
    public string Describe() =>
        PlainText.Clipped(
            (Namespace.Length == 0 ? Target : $"{Namespace}.{Operator}")
                + (Module.Length == 0 ? " (in the root module)" : $" (in {Module})"),
            200
        );

    private string Part(int index)
    {
        if (!Target.StartsWith(Prefix, StringComparison.Ordinal))
            return "";
        var parts = Target[Prefix.Length..].Split('.');
        return index < parts.Length ? parts[index] : "";
    }
}

/// <summary>Nodes in call order, with the values that enter and leave the graph.</summary>
/// <param name="Inputs">The inputs, in order.</param>
/// <param name="Outputs">The outputs, in order.</param>
/// <param name="Nodes">Each node uses only inputs and results of earlier nodes.</param>
/// <param name="Tensors">The recorded shape and dtype of each tensor, by name.</param>
internal sealed record Graph(
    IReadOnlyList<GraphValue> Inputs,
    IReadOnlyList<GraphValue> Outputs,
    IReadOnlyList<GraphNode> Nodes,
    IReadOnlyDictionary<string, GraphTensor> Tensors
);

/// <summary>The meaning of an input of a program's graph.</summary>
internal enum InputKind
{
    /// <summary>A value that the user passes at every call.</summary>
    User,

    /// <summary>A parameter of the module.</summary>
    Parameter,

    /// <summary>A buffer of the module.</summary>
    Buffer,

    /// <summary>A tensor that the exporter found in the code.</summary>
    Constant,

    /// <summary>A number, a string or None, fixed when the program was exported.</summary>
    Fixed,

    /// <summary>An object of a class that only its own library defines.</summary>
    Custom,
}

/// <summary>One input of a program's graph.</summary>
/// <param name="Kind">The meaning of the input.</param>
/// <param name="Value">Its name in the graph, or the fixed value.</param>
/// <param name="Target">The module's name for it; empty for the user's inputs.</param>
internal sealed record ProgramInput(InputKind Kind, GraphValue Value, string Target)
{
    /// <summary>Whether the module's state dict contains it. A buffer may be excluded (persistent=False).</summary>
    public bool IsSaved { get; init; } = true;
}

/// <summary>One output of a program's graph.</summary>
/// <param name="Kind">The schema's name for the kind, such as <c>user_output</c> or <c>buffer_mutation</c>.</param>
/// <param name="Value">Its name in the graph.</param>
/// <param name="Target">The buffer, parameter or input that changes; empty for the user's outputs.</param>
internal sealed record ProgramOutput(string Kind, GraphValue Value, string Target);

/// <summary>An exported program without its tensors.</summary>
/// <param name="Graph">The computation.</param>
/// <param name="Inputs">The inputs, in the order of the graph's inputs.</param>
/// <param name="Outputs">The outputs, in the order of the graph's outputs.</param>
/// <param name="Ranges">The smallest and largest value of each symbol; null if there is no limit.</param>
/// <param name="TorchVersion">The version of PyTorch that wrote the file.</param>
/// <param name="SchemaMajor">The schema's major version.</param>
internal sealed record ProgramGraph(
    Graph Graph,
    IReadOnlyList<ProgramInput> Inputs,
    IReadOnlyList<ProgramOutput> Outputs,
    IReadOnlyDictionary<string, (long? Least, long? Most)> Ranges,
    string TorchVersion,
    int SchemaMajor
);
