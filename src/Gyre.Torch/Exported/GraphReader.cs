using System.Text.Json;
using System.Text.RegularExpressions;
using static TorchSharp.torch;

namespace Gyre.Torch.Exported;

/// <summary>
/// Reads the JSON of an exported program. The fields are those of PyTorch's schema (torch/_export/serde/schema.py,
/// majors 5 to 8). Fields that are not needed here are ignored, so that newer minor versions can be read too.
/// </summary>
internal static partial class GraphReader
{
    /// <summary>The oldest and the newest major version of the schema that can be read.</summary>
    public const int LeastMajor = 5;
    public const int MostMajor = 8;

    /// <summary>
    /// The most nodes that a graph may have. A language model of a hundred layers has some ten thousand.
    /// </summary>
    public const int MostNodes = 200_000;

    private const int MostDepth = 256;

    /// <summary>The schema's codes for dtypes, which differ from those of libtorch.</summary>
    private static readonly Dictionary<int, ScalarType> Dtypes = new()
    {
        [1] = ScalarType.Byte,
        [2] = ScalarType.Int8,
        [3] = ScalarType.Int16,
        [4] = ScalarType.Int32,
        [5] = ScalarType.Int64,
        [6] = ScalarType.Float16,
        [7] = ScalarType.Float32,
        [8] = ScalarType.Float64,
        [10] = ScalarType.ComplexFloat32,
        [11] = ScalarType.ComplexFloat64,
        [12] = ScalarType.Bool,
        [13] = ScalarType.BFloat16,
    };

    private const int StridedLayout = 7;

    /// <summary>Parses a program.</summary>
    /// <param name="json">The whole text, in UTF-8.</param>
    /// <exception cref="FormatException">The text is not valid JSON of this schema. The message describes the fault,
    /// without a full stop.</exception>
    public static ProgramGraph Parse(ReadOnlyMemory<byte> json)
    {
        var root = Root(json);
        var version = SchemaJson.Get(root, "schema_version");
        // a plain integer before PyTorch 2.3
        var major = SchemaJson.Whole(
            version.ValueKind == JsonValueKind.Number ? version : SchemaJson.Get(version, "major")
        );
        var torch = SchemaJson.Find(root, "torch_version") is { } text ? SchemaJson.Text(text) : "<=2.4";
        if (major is < LeastMajor or > MostMajor)
            throw new FormatException(
                $"its schema is version {major}, written by PyTorch {PlainText.Clipped(torch, 40)}; versions "
                    + $"{LeastMajor} to {MostMajor} are read. Export it again with PyTorch 2.6 or later: "
                    + "torch.export.save(torch.export.export(model, (x,)), \"model.pt2\")"
            );
        var module = SchemaJson.Get(root, "graph_module");
        var signature = SchemaJson.Get(module, "signature");
        return new ProgramGraph(
            ReadGraph(SchemaJson.Get(module, "graph")),
            [.. SchemaJson.List(SchemaJson.Get(signature, "input_specs")).Select(ReadInput)],
            [.. SchemaJson.List(SchemaJson.Get(signature, "output_specs")).Select(ReadOutput)],
            ReadRanges(SchemaJson.Find(root, "range_constraints")),
            torch,
            (int)major
        );
    }

    /// <summary>Parses the configuration of stored tensors: entry, dtype and shape by name.</summary>
    /// <exception cref="FormatException">The text is not valid JSON of this schema.</exception>
    public static IReadOnlyDictionary<string, Payload> ParsePayloads(ReadOnlyMemory<byte> json)
    {
        var payloads = new Dictionary<string, Payload>(StringComparer.Ordinal);
        foreach (var one in SchemaJson.Get(Root(json), "config").EnumerateObject())
        {
            var meta = SchemaJson.Find(one.Value, "tensor_meta");
            payloads[one.Name] = new Payload(
                SchemaJson.Text(SchemaJson.Get(one.Value, "path_name")),
                SchemaJson.Get(one.Value, "is_param").GetBoolean(),
                SchemaJson.Get(one.Value, "use_pickle").GetBoolean(),
                meta is { } given ? ReadTensor(given) : null
            );
        }
        return payloads;
    }

    /// <summary>Parses the graph in an <c>as_graph</c> argument.</summary>
    /// <exception cref="FormatException">The argument is not valid JSON of this schema.</exception>
    public static Graph ParseInner(GraphValue value) => ReadGraph(SchemaJson.Get(value.Value, "graph"));

    /// <summary>Reads a union of the schema: an object with a single property, whose name is the kind.</summary>
    public static GraphValue ReadValue(JsonElement union)
    {
        var given = union.EnumerateObject().Where(one => one.Value.ValueKind != JsonValueKind.Null).ToArray();
        if (given is not [var only])
            throw new FormatException($"a value has {given.Length} kinds instead of one");
        var value = new GraphValue(only.Name, only.Value);
        if (value.Names.Any(name => name is null))
            throw new FormatException("a name is missing");
        return value;
    }

    /// <summary>Returns the dtype for a code of the schema, or null if libtorch's shim has no such dtype.</summary>
    public static ScalarType? FindDtype(long number) =>
        Dtypes.TryGetValue((int)Math.Clamp(number, -1, 1000), out var dtype) ? dtype : null;

    private static JsonElement Root(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(
                JsonNumbers.Quoted(json),
                new JsonDocumentOptions { MaxDepth = MostDepth }
            );
            return document.RootElement.Clone();
        }
        catch (JsonException error)
        {
            throw new FormatException($"it is not valid JSON ({error.Message.TrimEnd('.')})", error);
        }
    }

    private static Graph ReadGraph(JsonElement graph)
    {
        var nodes = SchemaJson.Get(graph, "nodes");
        if (nodes.GetArrayLength() > MostNodes)
            throw new FormatException($"its graph has {nodes.GetArrayLength()} nodes; at most {MostNodes} are read");
        return new Graph(
            [.. SchemaJson.List(SchemaJson.Get(graph, "inputs")).Select(ReadValue)],
            [.. SchemaJson.List(SchemaJson.Get(graph, "outputs")).Select(ReadValue)],
            [.. nodes.EnumerateArray().Select(ReadNode)],
            ReadTensors(SchemaJson.Get(graph, "tensor_values"))
        );
    }

    private static Dictionary<string, GraphTensor> ReadTensors(JsonElement values)
    {
        var tensors = new Dictionary<string, GraphTensor>(StringComparer.Ordinal);
        foreach (var one in values.EnumerateObject())
            tensors[one.Name] = ReadTensor(one.Value);
        return tensors;
    }

    private static GraphTensor ReadTensor(JsonElement meta) =>
        new(
            FindDtype(SchemaJson.Whole(SchemaJson.Get(meta, "dtype"))),
            [.. SchemaJson.List(SchemaJson.Get(meta, "sizes")).Select(ReadSize)],
            [.. SchemaJson.List(SchemaJson.Get(meta, "strides")).Select(ReadSize)],
            SchemaJson.Find(meta, "storage_offset") is { } offset ? ReadSize(offset) : new GraphSize(0, null),
            SchemaJson.Find(meta, "requires_grad")?.GetBoolean() ?? false,
            SchemaJson.Find(meta, "layout") is not { } layout || SchemaJson.Whole(layout) == StridedLayout
        );

    private static GraphSize ReadSize(JsonElement size)
    {
        var value = size.ValueKind == JsonValueKind.Number ? new GraphValue("as_int", size) : ReadValue(size);
        return value.Kind == "as_int"
            ? new GraphSize(SchemaJson.Whole(value.Value), null)
            : new GraphSize(null, SymbolOf(SchemaJson.Text(SchemaJson.Get(value.Value, "expr_str"))));
    }

    /// <summary>
    /// Returns the name of the symbol if the expression is a single symbol: "s0" or, since PyTorch 2.11,
    /// "Symbol('s0', positive=True)". Returns other expressions unchanged.
    /// </summary>
    private static string SymbolOf(string expression) =>
        Symbol().Match(expression) is { Success: true } match ? match.Groups[1].Value : expression;

    private static GraphNode ReadNode(JsonElement node) =>
        new(
            SchemaJson.Text(SchemaJson.Get(node, "target")),
            [.. SchemaJson.List(SchemaJson.Get(node, "inputs")).Select(ReadArgument)],
            [.. SchemaJson.List(SchemaJson.Get(node, "outputs")).Select(ReadValue)],
            SchemaJson.Find(node, "metadata") is { } metadata ? ModuleOf(metadata) : ""
        );

    private static GraphArgument ReadArgument(JsonElement argument) =>
        new(SchemaJson.Text(SchemaJson.Get(argument, "name")), ReadValue(SchemaJson.Get(argument, "arg")));

    /// <summary>
    /// Returns the innermost module of the stack, whose entries "key,path,class" are separated by semicolons.
    /// </summary>
    private static string ModuleOf(JsonElement metadata)
    {
        if (SchemaJson.Find(metadata, "nn_module_stack") is not { } stack)
            return "";
        var parts = SchemaJson.Text(stack).Split(';')[^1].Split(',');
        return parts.Length > 1 ? parts[1] : "";
    }

    private static ProgramInput ReadInput(JsonElement spec)
    {
        var union = ReadValue(spec);
        GraphValue Tensor() => new("as_tensor", SchemaJson.Get(union.Value, "arg"));
        string Name(string field) => SchemaJson.Text(SchemaJson.Get(union.Value, field));
        return union.Kind switch
        {
            "user_input" => new(InputKind.User, ReadValue(SchemaJson.Get(union.Value, "arg")), ""),
            "parameter" => new(InputKind.Parameter, Tensor(), Name("parameter_name")),
            "buffer" => new(InputKind.Buffer, Tensor(), Name("buffer_name"))
            {
                IsSaved = SchemaJson.Find(union.Value, "persistent")?.ValueKind != JsonValueKind.False,
            },
            "tensor_constant" => new(InputKind.Constant, Tensor(), Name("tensor_constant_name")),
            "constant_input" => new(InputKind.Fixed, union, ""),
            "custom_obj" => new(InputKind.Custom, union, Name("custom_obj_name")),
            "token" => new(InputKind.Custom, union, "token"),
            _ => throw new FormatException($"an input has the unknown kind {PlainText.Clipped(union.Kind, 40)}"),
        };
    }

    private static ProgramOutput ReadOutput(JsonElement spec)
    {
        var union = ReadValue(spec);
        var argument = SchemaJson.Get(union.Value, "arg");
        var target = union.Kind switch
        {
            "buffer_mutation" => "buffer_name",
            "parameter_mutation" or "gradient_to_parameter" => "parameter_name",
            "user_input_mutation" or "gradient_to_user_input" => "user_input_name",
            _ => null,
        };
        return new ProgramOutput(
            union.Kind,
            union.Kind == "user_output" ? ReadValue(argument) : new GraphValue("as_tensor", argument),
            target is null ? "" : SchemaJson.Text(SchemaJson.Get(union.Value, target))
        );
    }

    private static Dictionary<string, (long? Least, long? Most)> ReadRanges(JsonElement? ranges)
    {
        var read = new Dictionary<string, (long?, long?)>(StringComparer.Ordinal);
        if (ranges is not { } given)
            return read;
        foreach (var one in given.EnumerateObject())
            read[one.Name] = (Bound(one.Value, "min_val"), Bound(one.Value, "max_val"));
        return read;
    }

    [GeneratedRegex(@"^Symbol\('(\w+)'[^()]*\)$")]
    private static partial Regex Symbol();

    private static long? Bound(JsonElement range, string side) =>
        SchemaJson.Find(range, side) is { } bound ? SchemaJson.Whole(bound) : null;
}
