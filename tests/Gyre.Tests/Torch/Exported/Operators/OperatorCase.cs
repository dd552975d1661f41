using System.Globalization;
using System.Text.RegularExpressions;
using Gyre.Tests.TestKit;
using Gyre.Tests.TestKit.Exported;
using static TorchSharp.torch;

namespace Gyre.Tests.Torch.Exported.Operators;

/// <summary>
/// A graph of one operator: the call in a short form, such as <c>addmm(self=b, mat1=x, mat2=m, alpha=2)</c>, and its value
/// by another way. <c>-> 3@1</c> stands for three results of which the second is looked at, <c>-> list 3@1</c> for a list.
/// </summary>
/// <param name="Text">Operands are named as in <see cref="Operands"/>.</param>
/// <param name="Truth">The value.</param>
/// <param name="IsPlain">Whether the result has no derivative.</param>
internal sealed partial record OperatorCase(string Text, Func<Operands, Tensor> Truth, bool IsPlain = false)
{
    /// <summary>The operator without its overload.</summary>
    public string Name => Target.Split('.')[0];

    /// <summary>Names of the tensors of the call, each once, in order.</summary>
    public IReadOnlyList<string> Tensors =>
        [.. Arguments.SelectMany(one => Items(one.Value)).Where(IsTensor).Distinct()];

    private string Target => Text[..Text.IndexOf('(', StringComparison.Ordinal)];

    private (string Name, string Value)[] Arguments
    {
        get
        {
            var inside = Text[(Text.IndexOf('(', StringComparison.Ordinal) + 1)..Text.LastIndexOf(')')];
            return [.. Comma().Split(inside).Where(one => one.Length > 0).Select(Pair)];
        }
    }

    /// <summary>
    /// The program: the first tensor is the user's input, the others are parameters, or constants where they are no real
    /// numbers.
    /// </summary>
    public ProgramBuilder Build(Operands operands)
    {
        var graph = new ProgramBuilder();
        var names = new Dictionary<string, ProgramName>();
        foreach (var tensor in Tensors)
            names[tensor] = names.Count == 0 ? Input(graph, operands[tensor]) : Own(graph, tensor, operands[tensor]);
        if (names.Count == 0)
            graph.Input("x", ScalarType.Float64, 1);
        (string, ProgramValue)[] given = [.. Arguments.Select(one => (one.Name, Value(one.Name, one.Value, names)))];
        var results = Results().Match(Text);
        var (count, chosen) = results.Success
            ? (Number(results.Groups[2].Value), Number(results.Groups[3].Value))
            : (1, 0);
        graph.Output(
            results switch
            {
                { Success: false } => graph.Call(Target, given),
                { Groups: [_, { Length: > 0 }, ..] } => graph.CallList(Target, count, given)[chosen],
                _ => graph.CallMany(Target, count, given)[chosen],
            }
        );
        return graph;
    }

    /// <summary>Whether a derivative is asked for by an operand.</summary>
    public static bool IsTrained(string name, Tensor value) =>
        value.is_floating_point() && !Operands.Fixed.Contains(name);

    private static ProgramName Input(ProgramBuilder graph, Tensor value) =>
        graph.Input("input", value.dtype, [.. value.shape.Select(size => (long?)size)]);

    private static ProgramName Own(ProgramBuilder graph, string name, Tensor value) =>
        IsTrained(name, value)
            ? graph.Parameter(name, SavedTensor.From(value, trained: true))
            : graph.Constant(name, SavedTensor.From(value));

    private static (string Name, string Value) Pair(string text)
    {
        var at = text.IndexOf('=', StringComparison.Ordinal);
        return (text[..at].Trim(), text[(at + 1)..].Trim());
    }

    private static ProgramValue Value(string name, string text, Dictionary<string, ProgramName> names)
    {
        if (name == "indices" && Items(text).Any(item => names.ContainsKey(item)) && text.StartsWith('['))
            return ProgramValue.Optional([.. Items(text).Select(item => names.GetValueOrDefault(item))]);
        if (text == "[]")
            return (long[])[];
        if (text.StartsWith('['))
            return Items(text) switch
            {
                var tensors when tensors.All(names.ContainsKey) => tensors.Select(item => names[item]).ToArray(),
                var wholes when wholes.All(item => long.TryParse(item, CultureInfo.InvariantCulture, out _)) => wholes
                    .Select(item => long.Parse(item, CultureInfo.InvariantCulture))
                    .ToArray(),
                var reals => reals.Select(item => double.Parse(item, CultureInfo.InvariantCulture)).ToArray(),
            };
        return names.TryGetValue(text, out var tensor) ? tensor : Literal(text);
    }

    private static ProgramValue Literal(string text) =>
        text switch
        {
            "None" => ProgramValue.None,
            "True" => true,
            "False" => false,
            "inf" => double.PositiveInfinity,
            "-inf" => double.NegativeInfinity,
            "float64" => ProgramValue.Dtype(ScalarType.Float64),
            "float32" => ProgramValue.Dtype(ScalarType.Float32),
            "int64" => ProgramValue.Dtype(ScalarType.Int64),
            "bool" => ProgramValue.Dtype(ScalarType.Bool),
            "cpu" => new("as_device", new System.Text.Json.Nodes.JsonObject { ["type"] = "cpu" }),
            "strided" => new("as_layout", 7),
            "contiguous" => new("as_memory_format", 1),
            ['\'', .., '\''] => text[1..^1],
            _ when long.TryParse(text, CultureInfo.InvariantCulture, out var whole) => whole,
            _ => double.Parse(text, CultureInfo.InvariantCulture),
        };

    private static string[] Items(string text) =>
        text.StartsWith('[') ? [.. text[1..^1].Split(',').Select(item => item.Trim())] : [text];

    private static bool IsTensor(string item) =>
        Operand().IsMatch(item)
        && item is not ("inf" or "cpu" or "strided" or "contiguous" or "float64" or "float32" or "int64" or "bool");

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    [GeneratedRegex(@",\s*(?![^\[]*\])(?=\w+=)")]
    private static partial Regex Comma();

    [GeneratedRegex(@"-> (list )?(\d+)@(\d+)$")]
    private static partial Regex Results();

    [GeneratedRegex("^[a-z][a-z0-9]*$")]
    private static partial Regex Operand();
}
