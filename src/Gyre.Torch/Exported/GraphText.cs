using System.Globalization;
using System.Text;
using static TorchSharp.torch;

namespace Gyre.Torch.Exported;

/// <summary>
/// A program's graph as the source of a TorchScript class, one line per node, which libtorch compiles and
/// differentiates. The source contains no variable names and no code from the file. Its function takes two lists of
/// tensors, the module's own and the user's, each in the order of <see cref="ProgramGraph.Inputs"/>.
/// </summary>
internal sealed class GraphText
{
    /// <summary>The name of the class in the generated source.</summary>
    public const string Class = "Program";

    private const string Head =
        $"class {Class}(Module):\n  __parameters__ = []\n  __buffers__ = []\n"
        + $"  def forward(self: __torch__.{Class},\n      p: List[Tensor],\n      x: List[Tensor]) -> Tensor:\n";

    private readonly StringBuilder _text = new(Head);
    private readonly List<GraphNode?> _lines = [null, null, null, null, null, null];
    private readonly HashSet<string> _notes = [];
    private readonly HashSet<ScalarType> _converted = [];
    private readonly ScalarType _dtype;
    private readonly string _device;
    private int _variables;

    private GraphText(ScalarType dtype, string device) => (_dtype, _device) = (dtype, device);

    /// <summary>The generated source.</summary>
    public string Text => _text.ToString();

    /// <summary>The computations that differ from PyTorch's, one sentence each.</summary>
    public IReadOnlyList<string> Notes =>
        [
            .. _notes,
            .. _converted.Count > 0
                ? (string[])
                    [
                        $"Parts of the graph request {string.Join(" and ", _converted.Order())}; all real numbers are "
                            + $"computed in {_dtype}.",
                    ]
                : [],
        ];

    /// <summary>Generates the source for a program.</summary>
    /// <param name="program">A program that passed <see cref="ProgramCheck"/>.</param>
    /// <param name="output">The output that the function returns.</param>
    /// <param name="dtype">The dtype of all real numbers.</param>
    /// <param name="device">The device of all tensors, such as "cpu".</param>
    /// <exception cref="FormatException">A node has an argument of an unknown kind.</exception>
    public static GraphText Write(ProgramGraph program, ProgramOutput output, ScalarType dtype, string device)
    {
        var text = new GraphText(dtype, device);
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        var written = WrittenInputs.Find(program.Graph);
        var (own, given) = (0, 0);
        foreach (var input in program.Inputs.Where(one => one.Kind != InputKind.Fixed && one.Value.Names.Any()))
        {
            var source = input.Kind == InputKind.User ? $"x[{given++}]" : $"p[{own++}]";
            var name = input.Value.Names.Single();
            names[name] = text.Assign(written.Contains(name) ? $"torch.clone({source})" : source);
        }
        text.WriteNodes(program.Graph, names);
        var result = new ScriptValues(names, dtype, device).Name(output.Value.Names.Single());
        text.Line($"return {result}", null);
        return text;
    }

    /// <summary>Returns the node of a line of the source, counted from 1, or null if there is none.</summary>
    public GraphNode? FindNode(int line) => line > 0 && line <= _lines.Count ? _lines[line - 1] : null;

    private void Line(string statement, GraphNode? node)
    {
        _text.Append("    ").Append(statement).Append('\n');
        _lines.Add(node);
    }

    private string Assign(string expression)
    {
        var variable = NewVariable();
        Line($"{variable} = {expression}", null);
        return variable;
    }

    private string NewVariable() => string.Create(CultureInfo.InvariantCulture, $"v{_variables++}");

    private void WriteNodes(Graph graph, Dictionary<string, string> names)
    {
        foreach (var node in graph.Nodes)
        {
            try
            {
                WriteNode(node, graph, names);
            }
            catch (FormatException error)
            {
                throw new FormatException($"{node.Describe()}: {error.Message}", error);
            }
        }
    }

    private void WriteNode(GraphNode node, Graph graph, Dictionary<string, string> names)
    {
        if (OperatorRules.IsGuard(node))
            return;
        var values = new ScriptValues(names, _dtype, _device);
        if (ScopedGraph.IsInlined(node))
            WriteScoped(node, names, values);
        else
            WriteOutputs(node, Call(node, graph, values), names);
        _converted.UnionWith(values.Converted);
        if (node.Operator == "detach_" && node.Inputs is [{ Value.Kind: "as_tensor" } self, ..])
            names[self.Value.Names.Single()] = names[node.Outputs[0].Names.Single()];
    }

    private string Call(GraphNode node, Graph graph, ScriptValues values)
    {
        if (node.Namespace.Length == 0)
            return Symbolic.Write(node.Target, [.. node.Inputs.Select(one => values.Write(one.Value))]);
        if (OperatorDefinitions.Has(node))
        {
            var (definition, note) = OperatorDefinitions.Write(
                node,
                name => node.FindArgument(name) is { } value ? values.Write(value) : null
            );
            _notes.Add(note);
            return definition;
        }
        if (!ScriptValues.IsIdentifier(node.Operator))
            throw new FormatException("its name is not the name of an operator");
        var name = node.Operator switch
        {
            "sym_size" => "size",
            "sym_stride" => "stride",
            "sym_numel" => "numel",
            "sym_storage_offset" => "storage_offset",
            "detach_" => "detach", // a copy of the handle: the graph's values do not change
            var same => same,
        };
        var open = Factories.LeavesTypeOpen(node, graph);
        var arguments = node
            .Inputs.Where(one => !open || one.Name != "dtype")
            .Select(
                (one, index) =>
                    index == 0 ? values.Write(one.Value) : ScriptValues.Named(one.Name, Argument(one, values))
            )
            .Concat(open ? [ScriptValues.Named("dtype", $"{(int)_dtype}")] : []);
        return $"ops.aten.{name}({string.Join(", ", arguments)})";
    }

    /// <summary>
    /// Writes an argument. Python passes integers where the schema has real numbers; TorchScript does not convert
    /// them.
    /// </summary>
    private static string Argument(GraphArgument argument, ScriptValues values)
    {
        var real = argument.Name is "eps" or "momentum" or "dropout_p" or "p" or "scale" or "delta" or "margin";
        return real && argument.Value.Kind == "as_int"
            ? ScriptValues.Real(SchemaJson.Whole(argument.Value.Value))
            : values.Write(argument.Value);
    }

    private void WriteOutputs(GraphNode node, string call, Dictionary<string, string> names)
    {
        if (OperatorDefinitions.Has(node))
            SetName(node.Outputs[0].Names.First(), call, node, names);
        else if (node.Outputs is [])
            Line(call, node);
        else if (node.Outputs is [{ Kind: "as_tensors" } list])
            Unpack([.. list.Names], call, node, names);
        else if (node.Outputs is [var only])
            SetName(only.Names.Single(), call, node, names);
        else
            Unpack([.. node.Outputs.Select(one => one.Names.FirstOrDefault() ?? "")], call, node, names);
    }

    private void SetName(string name, string call, GraphNode node, Dictionary<string, string> names)
    {
        var variable = NewVariable();
        Line($"{variable} = {call}", node);
        names[name] = variable;
    }

    /// <summary>
    /// Unpacks a tuple or a list into variables. A list of one element cannot be unpacked and is indexed instead.
    /// </summary>
    private void Unpack(IReadOnlyList<string> parts, string call, GraphNode node, Dictionary<string, string> names)
    {
        if (parts.Count < 2)
        {
            var list = NewVariable();
            Line($"{list} = {call}", node);
            foreach (var name in parts)
                SetName(name, $"{list}[0]", node, names);
            return;
        }
        var variables = parts.Select(_ => NewVariable()).ToArray();
        Line($"{string.Join(", ", variables)} = {call}", node);
        foreach (var (name, variable) in parts.Zip(variables))
            names[name] = variable;
    }

    /// <summary>Writes the nodes of an inner graph in place.</summary>
    private void WriteScoped(GraphNode node, Dictionary<string, string> names, ScriptValues values)
    {
        if (ScopedGraph.IsAutocast(node))
            _notes.Add($"A part under autocast is computed in {_dtype}.");
        var inner = ScopedGraph.Inner(node);
        var operands = ScopedGraph.Operands(node).Select(values.Write).ToArray();
        var inputs = inner.Inputs.SelectMany(one => one.Names).ToArray();
        if (inputs.Length != operands.Length)
            throw new FormatException($"it passes {operands.Length} values to a graph with {inputs.Length} inputs");
        var scope = inputs.Zip(operands).ToDictionary(pair => pair.First, pair => pair.Second, StringComparer.Ordinal);
        WriteNodes(inner, scope);
        var results = inner.Outputs.SelectMany(one => one.Names).ToArray();
        var outer = node.Outputs.SelectMany(one => one.Names).ToArray();
        if (outer.Length > results.Length)
            throw new FormatException($"it expects {outer.Length} values from a graph with {results.Length} outputs");
        foreach (var (result, name) in results.Zip(outer))
        {
            if (ScopedGraph.StopsGradients(node))
                SetName(name, $"ops.aten.detach({scope[result]})", node, names);
            else
                names[name] = scope[result];
        }
    }
}
