using System.Text.Json.Nodes;
using static TorchSharp.torch;

namespace Gyre.Tests.TestKit.Exported;

/// <summary>A name in a program's graph: of a tensor, or of a size.</summary>
internal sealed record ProgramName(string Text, bool IsSize = false);

/// <summary>An argument of a program's graph: PyTorch's union, its kind beside its content.</summary>
internal sealed record ProgramValue(string Kind, JsonNode? Content)
{
    /// <summary>No value.</summary>
    public static ProgramValue None => new("as_none", true);

    /// <summary>The JSON of the union.</summary>
    public JsonObject Json => new() { [Kind] = Content?.DeepClone() };

    public static implicit operator ProgramValue(ProgramName name) =>
        name.IsSize ? new("as_sym_int", new JsonObject { ["as_name"] = name.Text }) : new("as_tensor", Named(name));

    public static implicit operator ProgramValue(ProgramName[] names) =>
        new("as_tensors", new JsonArray([.. names.Select(Named)]));

    public static implicit operator ProgramValue(long whole) => new("as_int", whole);

    public static implicit operator ProgramValue(long[] wholes) =>
        new("as_ints", new JsonArray([.. wholes.Select(one => (JsonNode)one)]));

    public static implicit operator ProgramValue(double real) => new("as_float", Real(real));

    public static implicit operator ProgramValue(double[] reals) =>
        new("as_floats", new JsonArray([.. reals.Select(Real)]));

    public static implicit operator ProgramValue(bool flag) => new("as_bool", flag);

    public static implicit operator ProgramValue(string text) => new("as_string", text);

    /// <summary>A type, by the schema's number.</summary>
    public static ProgramValue Dtype(ScalarType dtype) => new("as_scalar_type", SchemaNumbers.Get(dtype));

    /// <summary>Sizes, some of them names; numbers alone are a plain list.</summary>
    public static ProgramValue Sizes(params object[] sizes) =>
        sizes.All(one => one is int or long)
            ? (ProgramValue)sizes.Select(Convert.ToInt64).ToArray()
            : new(
                "as_sym_ints",
                new JsonArray([
                    .. sizes.Select(one =>
                        one is ProgramName name
                            ? new JsonObject { ["as_name"] = name.Text }
                            : (JsonNode)new JsonObject { ["as_int"] = Convert.ToInt64(one) }
                    ),
                ])
            );

    /// <summary>Tensors, some of which may be missing.</summary>
    public static ProgramValue Optional(params ProgramName?[] names) =>
        new(
            "as_optional_tensors",
            new JsonArray([
                .. names.Select(name =>
                    name is null
                        ? new JsonObject { ["as_none"] = true }
                        : (JsonNode)new JsonObject { ["as_tensor"] = Named(name) }
                ),
            ])
        );

    /// <summary>A graph inside, as control flow and parts without gradients have.</summary>
    public static ProgramValue Graph(string name, ProgramBuilder graph) =>
        new("as_graph", new JsonObject { ["name"] = name, ["graph"] = graph.GraphJson() });

    private static JsonObject Named(ProgramName name) => new() { ["name"] = name.Text };

    /// <summary>JSON has no infinities: PyTorch writes them as texts.</summary>
    private static JsonNode Real(double real) =>
        real switch
        {
            double.NaN => "NaN",
            double.PositiveInfinity => "Infinity",
            double.NegativeInfinity => "-Infinity",
            _ => real,
        };
}
