using System.Text.Json;
using static TorchSharp.torch;

namespace Gyre.Torch.Exported;

/// <summary>A size in a graph: a number, or an expression of symbols such as "s0" that the inputs decide.</summary>
/// <param name="Number">Null if the size is symbolic.</param>
/// <param name="Symbol">The expression; null if the size is a number.</param>
internal sealed record GraphSize(long? Number, string? Symbol);

/// <summary>Shape and type of a tensor, as the exporter recorded them.</summary>
/// <param name="Dtype">Null if this program does not know the type (quantized and 8-bit floats).</param>
/// <param name="Sizes">Outermost first.</param>
/// <param name="Strides">In elements; symbols if sizes are symbolic.</param>
/// <param name="Offset">In elements, from the beginning of the storage.</param>
/// <param name="RequiresGrad">Whether the tensor is trained.</param>
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
/// <param name="Kind">The schema's name of the kind.</param>
/// <param name="Value">Its content, in the form of that kind.</param>
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
/// <param name="Name">As in the operator's schema; empty for the operators of Python's numbers.</param>
/// <param name="Value">What is given.</param>
internal sealed record GraphArgument(string Name, GraphValue Value);

/// <summary>One call of an operator.</summary>
/// <param name="Target">Such as <c>torch.ops.aten.linear.default</c>.</param>
/// <param name="Inputs">In the schema's order; arguments with their default value are left out.</param>
/// <param name="Outputs">Names of the results.</param>
/// <param name="Module">The PyTorch module that makes the call, such as <c>blocks.3.norm</c>; empty at the root.</param>
internal sealed record GraphNode(
    string Target,
    IReadOnlyList<GraphArgument> Inputs,
    IReadOnlyList<GraphValue> Outputs,
    string Module
)
{
    private const string Prefix = "torch.ops.";

    /// <summary>The operator's namespace: <c>aten</c>, <c>higher_order</c>, ...; empty for Python's own operators.</summary>
    public string Namespace => Part(0);

    /// <summary>The operator's name in its namespace, such as <c>linear</c>; the whole target of Python's own.</summary>
    public string Operator => Namespace.Length == 0 ? Target : Part(1);

    /// <summary>The overload, such as <c>default</c> or <c>Tensor</c>; empty if none is named.</summary>
    public string Overload => Part(2);

    /// <summary>The value given for an argument; null if it is left out.</summary>
    public GraphValue? FindArgument(string name) => Inputs.FirstOrDefault(one => one.Name == name)?.Value;

    /// <summary>The operator and the module that calls it, for messages.</summary>
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

/// <summary>Nodes in the order of their calls, with the names of what goes in and comes out.</summary>
/// <param name="Inputs">Names, in order.</param>
/// <param name="Outputs">Values, in order.</param>
/// <param name="Nodes">Each uses only inputs and results of earlier nodes.</param>
/// <param name="Tensors">What is known of tensors, by name.</param>
internal sealed record Graph(
    IReadOnlyList<GraphValue> Inputs,
    IReadOnlyList<GraphValue> Outputs,
    IReadOnlyList<GraphNode> Nodes,
    IReadOnlyDictionary<string, GraphTensor> Tensors
);

/// <summary>What an input of a program's graph stands for.</summary>
internal enum InputKind
{
    /// <summary>What the user gives at every call.</summary>
    User,

    /// <summary>A parameter of the module.</summary>
    Parameter,

    /// <summary>A buffer of the module.</summary>
    Buffer,

    /// <summary>A tensor that the exporter found in the code.</summary>
    Constant,

    /// <summary>A number, a text or nothing that was fixed when the program was exported.</summary>
    Fixed,

    /// <summary>An object of a class that only its own library knows.</summary>
    Custom,
}

/// <summary>One input of a program's graph.</summary>
/// <param name="Kind">What it stands for.</param>
/// <param name="Value">Its name in the graph, or the fixed value.</param>
/// <param name="Target">The module's name for it; empty for the user's.</param>
internal sealed record ProgramInput(InputKind Kind, GraphValue Value, string Target)
{
    /// <summary>Whether the module's state dict has it; a buffer may be kept out (persistent=False).</summary>
    public bool IsSaved { get; init; } = true;
}

/// <summary>One output of a program's graph.</summary>
/// <param name="Kind">The schema's word, such as <c>user_output</c> or <c>buffer_mutation</c>.</param>
/// <param name="Value">Its name in the graph.</param>
/// <param name="Target">The buffer or parameter that changes; empty for the user's.</param>
internal sealed record ProgramOutput(string Kind, GraphValue Value, string Target);

/// <summary>An exported program without its tensors.</summary>
/// <param name="Graph">What it computes.</param>
/// <param name="Inputs">What goes in, in the order of the graph's inputs.</param>
/// <param name="Outputs">What comes out, in the order of the graph's outputs.</param>
/// <param name="Ranges">Least and greatest value of each symbol; null if there is no limit.</param>
/// <param name="TorchVersion">The PyTorch that wrote it.</param>
/// <param name="SchemaMajor">The schema's major version.</param>
internal sealed record ProgramGraph(
    Graph Graph,
    IReadOnlyList<ProgramInput> Inputs,
    IReadOnlyList<ProgramOutput> Outputs,
    IReadOnlyDictionary<string, (long? Least, long? Most)> Ranges,
    string TorchVersion,
    int SchemaMajor
);
