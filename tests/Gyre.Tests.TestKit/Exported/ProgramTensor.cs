using System.Text.Json.Nodes;
using static TorchSharp.torch;

namespace Gyre.Tests.TestKit.Exported;

/// <summary>What a program's module keeps for an input of the graph.</summary>
internal enum ProgramTensorKind
{
    Parameter,
    Buffer,
    LostBuffer,
    Constant,
}

/// <summary>A tensor of a program's module.</summary>
/// <param name="Kind">A lost buffer is one that is not in the state dict (persistent=False).</param>
/// <param name="Name">The module's name.</param>
/// <param name="Input">The graph's name.</param>
/// <param name="Value">The numbers.</param>
internal sealed record ProgramTensor(ProgramTensorKind Kind, string Name, ProgramName Input, SavedTensor Value)
{
    /// <summary>Whether it is in the state dict.</summary>
    public bool IsState => Kind is ProgramTensorKind.Parameter or ProgramTensorKind.Buffer;

    /// <summary>The schema's input_specs entry.</summary>
    public JsonObject Spec()
    {
        var argument = new JsonObject { ["name"] = Input.Text };
        return Kind switch
        {
            ProgramTensorKind.Parameter => new()
            {
                ["parameter"] = new JsonObject { ["arg"] = argument, ["parameter_name"] = Name },
            },
            ProgramTensorKind.Constant => new()
            {
                ["tensor_constant"] = new JsonObject { ["arg"] = argument, ["tensor_constant_name"] = Name },
            },
            _ => new()
            {
                ["buffer"] = new JsonObject
                {
                    ["arg"] = argument,
                    ["buffer_name"] = Name,
                    ["persistent"] = Kind == ProgramTensorKind.Buffer,
                },
            },
        };
    }

    /// <summary>The schema's TensorMeta.</summary>
    public JsonObject Meta() =>
        Meta(
            Value.Storage.Dtype,
            [.. Value.Shape.Select(size => (JsonNode)Number(size))],
            [.. Value.Strides.Select(stride => (JsonNode)Number(stride))],
            Value.Offset,
            Value.Trained
        );

    /// <summary>A TensorMeta of parts.</summary>
    public static JsonObject Meta(
        ScalarType dtype,
        JsonNode[] sizes,
        JsonNode[] strides,
        long offset = 0,
        bool trained = false
    ) =>
        new()
        {
            ["dtype"] = SchemaNumbers.Get(dtype),
            ["sizes"] = new JsonArray(sizes),
            ["requires_grad"] = trained,
            ["device"] = new JsonObject { ["type"] = "cpu", ["index"] = null },
            ["strides"] = new JsonArray(strides),
            ["storage_offset"] = Number(offset),
            ["layout"] = 7,
        };

    /// <summary>A size that is a number.</summary>
    public static JsonObject Number(long number) => new() { ["as_int"] = number };

    /// <summary>A size that is an expression of symbols.</summary>
    public static JsonObject Symbol(string expression, long hint) =>
        new()
        {
            ["as_expr"] = new JsonObject
            {
                ["expr_str"] = expression,
                ["hint"] = new JsonObject { ["as_int"] = hint },
            },
        };
}
