using System.Text.Json.Nodes;
using static TorchSharp.torch;

namespace Gyre.Tests.TestKit.Exported;

/// <summary>
/// Builds exported programs as torch.export.export and torch.export.save would, following PyTorch's public schema
/// (torch/_export/serde/schema.py), without PyTorch. Shapes of intermediate values are not worked out: those of what a
/// node gives are left out.
/// </summary>
internal sealed class ProgramBuilder
{
    /// <summary>The symbol of a dynamic size.</summary>
    public const string Batch = "s0";

    private readonly List<ProgramTensor> _tensors = [];
    private readonly List<(ProgramName Name, JsonObject Meta)> _inputs = [];
    private readonly List<JsonObject> _fixed = [];
    private readonly List<JsonNode> _nodes = [];
    private readonly List<(string Kind, string Target, ProgramValue Value)> _outputs = [];
    private readonly JsonObject _values = [];
    private readonly HashSet<string> _names = [];

    /// <summary>Parameters, buffers and constants.</summary>
    public IReadOnlyList<ProgramTensor> Tensors => [.. _tensors.OrderBy(one => Rank(one.Kind))];

    /// <summary>The module that calls are made by, such as "blocks.3.norm"; "" for the root.</summary>
    public string Module { get; set; } = "";

    /// <summary>Least and greatest value of the dynamic size.</summary>
    public (long Least, long? Most) Range { get; set; } = (2, null);

    /// <summary>A parameter; trained or frozen as its tensor says.</summary>
    public ProgramName Parameter(string name, SavedTensor value) => Own(ProgramTensorKind.Parameter, "p", name, value);

    /// <summary>A buffer.</summary>
    public ProgramName Buffer(string name, SavedTensor value, bool persistent = true) =>
        Own(
            persistent ? ProgramTensorKind.Buffer : ProgramTensorKind.LostBuffer,
            "b",
            name,
            value with
            {
                Trained = false,
            }
        );

    /// <summary>A tensor that was found in the code.</summary>
    public ProgramName Constant(string name, SavedTensor value) =>
        Own(ProgramTensorKind.Constant, "c", name, value with { Trained = false });

    /// <summary>A tensor that the user gives; a size of null is dynamic.</summary>
    public ProgramName Input(string name, ScalarType dtype, params long?[] sizes)
    {
        var input = NewName(name);
        long step = 1;
        var strides = new JsonNode[sizes.Length];
        for (var i = sizes.Length - 1; i >= 0; i--)
        {
            strides[i] = ProgramTensor.Number(step);
            step *= sizes[i] ?? 4;
        }
        JsonNode[] shape =
        [
            .. sizes.Select(size => size is { } number ? ProgramTensor.Number(number) : ProgramTensor.Symbol(Batch, 4)),
        ];
        _inputs.Add((input, ProgramTensor.Meta(dtype, shape, strides)));
        return input;
    }

    /// <summary>A number, text or nothing that was fixed at export.</summary>
    public void FixedInput(string name, ProgramValue value) =>
        _fixed.Add(
            new()
            {
                ["constant_input"] = new JsonObject { ["name"] = name, ["value"] = value.Json },
            }
        );

    /// <summary>A node with one tensor as its result.</summary>
    /// <param name="target">Such as "linear", "add.Tensor" or "torch.ops.mine.custom.default".</param>
    /// <param name="arguments">In the schema's order, by the schema's names.</param>
    public ProgramName Call(string target, params (string Name, ProgramValue Value)[] arguments)
    {
        var result = NewName(ShortName(target));
        Node(target, arguments, [(ProgramValue)result]);
        return result;
    }

    /// <summary>A node with several tensors as its results.</summary>
    public ProgramName[] CallMany(string target, int results, params (string Name, ProgramValue Value)[] arguments)
    {
        var names = Enumerable.Range(0, results).Select(_ => NewName("getitem")).ToArray();
        Node(target, arguments, [.. names.Select(name => (ProgramValue)name)]);
        return names;
    }

    /// <summary>A node with a list of tensors as its result.</summary>
    public ProgramName[] CallList(string target, int results, params (string Name, ProgramValue Value)[] arguments)
    {
        var names = Enumerable.Range(0, results).Select(_ => NewName("getitem")).ToArray();
        Node(target, arguments, [names]);
        return names;
    }

    /// <summary>A node whose result is a size.</summary>
    public ProgramName CallSize(string target, params (string Name, ProgramValue Value)[] arguments)
    {
        var result = NewName(ShortName(target)) with { IsSize = true };
        Node(target, arguments, [(ProgramValue)result]);
        return result;
    }

    /// <summary>A node without a result.</summary>
    public void CallNothing(string target, params (string Name, ProgramValue Value)[] arguments) =>
        Node(target, arguments, []);

    /// <summary>The size of a dynamic dimension.</summary>
    public ProgramName Size(ProgramName tensor, long dimension) =>
        CallSize("sym_size.int", ("self", tensor), ("dim", dimension));

    /// <summary>What the user gets; one call for each output.</summary>
    public void Output(ProgramValue value) => _outputs.Add(("user_output", "", value));

    /// <summary>The value that a buffer, parameter or input has after a call.</summary>
    /// <param name="kind">The schema's, such as "buffer_mutation".</param>
    /// <param name="target">The module's name of what is changed.</param>
    /// <param name="value">The new value.</param>
    public void Mutation(string kind, string target, ProgramName value) => _outputs.Insert(0, (kind, target, value));

    /// <summary>Says what is known of a result's shape.</summary>
    public void Describe(ProgramName result, ScalarType dtype, params JsonNode[] sizes) =>
        _values[result.Text] = ProgramTensor.Meta(
            dtype,
            sizes,
            [.. sizes.Select(_ => (JsonNode)ProgramTensor.Number(1))]
        );

    /// <summary>The schema's Graph.</summary>
    public JsonObject GraphJson()
    {
        var values = (JsonObject)_values.DeepClone();
        foreach (var one in Tensors)
            values[one.Input.Text] = one.Meta();
        foreach (var (name, meta) in _inputs)
            values[name.Text] = meta.DeepClone();
        var inputs = Tensors.Select(one => one.Input).Concat(_inputs.Select(one => one.Name));
        return new()
        {
            ["inputs"] = new JsonArray([.. inputs.Select(name => ((ProgramValue)name).Json)]),
            ["outputs"] = new JsonArray([.. _outputs.Select(one => one.Value.Json)]),
            ["nodes"] = new JsonArray([.. _nodes.Select(node => node.DeepClone())]),
            ["tensor_values"] = values,
            ["sym_int_values"] = new JsonObject(),
            ["sym_bool_values"] = new JsonObject(),
            ["is_single_tensor_return"] = false,
            ["custom_obj_values"] = new JsonObject(),
            ["sym_float_values"] = new JsonObject(),
        };
    }

    /// <summary>The schema's ExportedProgram.</summary>
    public JsonObject ProgramJson(int major, int minor, string torch) =>
        new()
        {
            ["graph_module"] = new JsonObject
            {
                ["graph"] = GraphJson(),
                ["signature"] = Signature(),
                ["module_call_graph"] = new JsonArray(),
                ["metadata"] = new JsonObject(),
                ["treespec_namedtuple_fields"] = new JsonObject(),
            },
            ["opset_version"] = new JsonObject { ["aten"] = 10 },
            ["range_constraints"] = new JsonObject
            {
                [Batch] = new JsonObject { ["min_val"] = Range.Least, ["max_val"] = Range.Most },
            },
            ["schema_version"] = new JsonObject { ["major"] = major, ["minor"] = minor },
            ["verifiers"] = new JsonArray("TRAINING"),
            ["torch_version"] = torch,
            ["guards_code"] = new JsonArray(),
        };

    private JsonObject Signature()
    {
        var given = _inputs.Select(one => new JsonObject
        {
            ["user_input"] = new JsonObject { ["arg"] = ((ProgramValue)one.Name).Json },
        });
        return new()
        {
            ["input_specs"] = new JsonArray([
                .. Tensors.Select(one => one.Spec()),
                .. given,
                .. _fixed.Select(one => one.DeepClone()),
            ]),
            ["output_specs"] = new JsonArray([.. _outputs.Select(one => OutputSpec(one.Kind, one.Target, one.Value))]),
        };
    }

    private static JsonObject OutputSpec(string kind, string target, ProgramValue value)
    {
        if (kind == "user_output")
            return new() { [kind] = new JsonObject { ["arg"] = value.Json } };
        var field = kind switch
        {
            "buffer_mutation" => "buffer_name",
            "user_input_mutation" => "user_input_name",
            _ => "parameter_name",
        };
        return new()
        {
            [kind] = new JsonObject { ["arg"] = value.Content!.DeepClone(), [field] = target },
        };
    }

    private static int Rank(ProgramTensorKind kind) =>
        kind switch
        {
            ProgramTensorKind.Parameter => 0,
            ProgramTensorKind.Constant => 2,
            _ => 1,
        };

    private ProgramName Own(ProgramTensorKind kind, string prefix, string name, SavedTensor value)
    {
        var input = NewName($"{prefix}_{name.Replace('.', '_')}");
        _tensors.Add(new ProgramTensor(kind, name, input, value));
        return input;
    }

    private void Node(string target, (string Name, ProgramValue Value)[] arguments, ProgramValue[] results) =>
        _nodes.Add(
            new JsonObject
            {
                ["target"] = Qualified(target),
                ["inputs"] = new JsonArray([
                    .. arguments.Select(one => new JsonObject
                    {
                        ["name"] = one.Name,
                        ["arg"] = one.Value.Json,
                        ["kind"] = 1,
                    }),
                ]),
                ["outputs"] = new JsonArray([.. results.Select(one => one.Json)]),
                ["metadata"] = new JsonObject { ["nn_module_stack"] = Stack() },
                ["is_hop_single_tensor_return"] = null,
            }
        );

    /// <summary>PyTorch's own form: "key,path,class" from the root inwards, separated by semicolons.</summary>
    private string Stack() =>
        Module.Length == 0
            ? "L__self__,,__main__.Net"
            : $"L__self__,,__main__.Net;L__self___{Module.Replace('.', '_')},{Module},torch.nn.modules.module.Module";

    private static string Qualified(string target)
    {
        if (
            target.StartsWith("torch.", StringComparison.Ordinal)
            || target.StartsWith("_operator.", StringComparison.Ordinal)
            || target.StartsWith("math.", StringComparison.Ordinal)
        )
            return target;
        return $"torch.ops.aten.{target}{(target.Contains('.') ? "" : ".default")}";
    }

    private static string ShortName(string target) =>
        target.StartsWith("torch.", StringComparison.Ordinal) ? "result" : target.Split('.')[0];

    private ProgramName NewName(string wanted)
    {
        var name = wanted;
        for (var i = 1; !_names.Add(name); i++)
            name = $"{wanted}_{i}";
        return new ProgramName(name);
    }
}
