using System.Text.RegularExpressions;

namespace Gyre.Torch.Exported;

/// <summary>
/// Checks whether a program can serve as a network here, by its inputs, its outputs and its operators.
/// </summary>
internal static partial class ProgramCheck
{
    private const int MostShown = 5;

    /// <summary>
    /// Returns everything that is wrong with a program, one sentence per entry; empty if nothing is.
    /// </summary>
    /// <param name="program">The program's graph.</param>
    /// <param name="output">The selected output (<see cref="FindOutput"/>).</param>
    public static IReadOnlyList<string> FindTroubles(ProgramGraph program, string output) =>
        [
            .. InputTroubles(program),
            .. FindOutput(program, output) is null ? [OutputTrouble(program, output)] : (string[])[],
            .. Listed(
                program
                    .Graph.Nodes.Where(node => OperatorRules.FindTrouble(node) is not null)
                    .Select(node => $"{node.Describe()} {OperatorRules.FindTrouble(node)}")
            ),
            .. WrittenParameters(program),
            .. HiddenSizes(program),
        ];

    /// <summary>
    /// Returns the output that the user selected: by its position from 0, by its name, or the only one.
    /// </summary>
    /// <returns>The output, or null if there is no such tensor.</returns>
    public static ProgramOutput? FindOutput(ProgramGraph program, string output)
    {
        var tensors = Outputs(program);
        if (output.Length == 0)
            return tensors is [var only] ? only : null;
        if (int.TryParse(output, out var position))
            return position >= 0 && position < tensors.Count ? tensors[position] : null;
        return tensors.FirstOrDefault(one => one.Value.Names.Single() == output);
    }

    /// <summary>Returns the tensor that the user passes, or null if there is not exactly one.</summary>
    public static ProgramInput? FindInput(ProgramGraph program)
    {
        var given = program.Inputs.Where(one => one.Kind == InputKind.User && one.Value.Kind != "as_none").ToArray();
        return given is [{ Value.Kind: "as_tensor" } only] ? only : null;
    }

    private static List<ProgramOutput> Outputs(ProgramGraph program) =>
        [.. program.Outputs.Where(one => one.Kind == "user_output" && one.Value.Kind == "as_tensor")];

    private static IEnumerable<string> InputTroubles(ProgramGraph program)
    {
        if (FindInput(program) is null)
        {
            var given = program.Inputs.Where(one => one.Kind == InputKind.User).ToArray();
            yield return $"It takes {given.Length} inputs ({Names(given.Select(one => one.Value))}) but must take one "
                + "tensor: the samples. Wrap the module in one whose forward creates the others.";
        }
        foreach (var custom in program.Inputs.Where(one => one.Kind == InputKind.Custom).Take(1))
            yield return $"It uses {PlainText.Clipped(custom.Target, 80)}, an object of a class that is defined "
                + "only in its own library.";
    }

    private static string OutputTrouble(ProgramGraph program, string output)
    {
        var tensors = Outputs(program);
        var list = string.Join(
            ", ",
            tensors.Take(MostShown).Select((one, i) => $"{i}: {Name(one.Value)}{Shape(program, one.Value)}")
        );
        if (tensors.Count == 0)
            return "It returns no tensor.";
        return output.Length == 0
            ? $"It returns {tensors.Count} tensors ({list}): set model.output to the one "
                + "that the loss is computed from."
            : $"model.output = \"{PlainText.Clipped(output, 80)}\" is not one of its outputs: {list}.";
    }

    private static string Shape(ProgramGraph program, GraphValue value) =>
        program.Graph.Tensors.TryGetValue(value.Names.Single(), out var tensor)
            ? $" [{string.Join(", ", tensor.Sizes.Select(size => size.Number?.ToString() ?? size.Symbol))}]"
            : "";

    private static IEnumerable<string> WrittenParameters(ProgramGraph program)
    {
        var written = WrittenInputs.Find(program.Graph);
        return program
            .Inputs.Where(one => one.Kind == InputKind.Parameter && one.Value.Names.Any(written.Contains))
            .Select(one => one.Target)
            .Concat(program.Outputs.Where(one => one.Kind == "parameter_mutation").Select(one => one.Target))
            .Take(1)
            .Select(name =>
                $"It writes into its own parameter {PlainText.Clipped(name, 80)}: it trains itself and is not a function "
                + "of its parameters."
            );
    }

    /// <summary>Sizes that depend on the data are symbols that begin with u.</summary>
    private static IEnumerable<string> HiddenSizes(ProgramGraph program) =>
        program
            .Graph.Tensors.Where(one =>
                one.Value.Sizes.Any(size => size.Symbol is { } symbol && HiddenSymbol().IsMatch(symbol))
            )
            .Take(1)
            .Select(one =>
                $"The shape of {PlainText.Clipped(one.Key, 80)} depends on the data, so the loss is not a smooth "
                + "function."
            );

    [GeneratedRegex(@"\bu\d+\b")]
    private static partial Regex HiddenSymbol();

    private static IEnumerable<string> Listed(IEnumerable<string> troubles)
    {
        var all = troubles.Distinct().ToArray();
        return all.Take(MostShown)
            .Select(one => $"{one}.")
            .Concat(all.Length > MostShown ? [$"{all.Length - MostShown} more of its calls cannot be used."] : []);
    }

    private static string Names(IEnumerable<GraphValue> values) =>
        string.Join(", ", values.Take(MostShown).Select(Name));

    private static string Name(GraphValue value) => PlainText.Clipped(value.Names.FirstOrDefault() ?? value.Kind, 80);
}
