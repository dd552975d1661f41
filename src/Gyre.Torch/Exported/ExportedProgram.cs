using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using static TorchSharp.torch;

namespace Gyre.Torch.Exported;

/// <summary>
/// A program written by <c>torch.export.save</c>, with its graph read and checked. <see cref="Load"/> turns it into a
/// function. Nothing in the file is run as code.
/// </summary>
internal sealed partial class ExportedProgram
{
    private readonly ExportedLayout _layout;
    private readonly ProgramGraph _graph;
    private readonly ProgramOutput _output;
    private readonly GraphTensor? _input;

    private ExportedProgram(string path, ExportedLayout layout, ProgramGraph graph, ProgramOutput output)
    {
        (Path, _layout, _graph, _output) = (path, layout, graph, output);
        _input = graph.Graph.Tensors.GetValueOrDefault(ProgramCheck.FindInput(graph)!.Value.Names.Single());
    }

    public string Path { get; }

    /// <summary>The version of PyTorch that wrote the file.</summary>
    public string TorchVersion => _graph.TorchVersion;

    /// <summary>The number of calls in the graph.</summary>
    public int Nodes => _graph.Graph.Nodes.Count;

    /// <summary>The number of samples that every call must have, if the exporter fixed it; otherwise null.</summary>
    public long? Batch => _input?.Sizes is [{ Number: { } batch }, ..] ? batch : null;

    /// <summary>The smallest and largest number of samples per call, if the exporter recorded a range.</summary>
    public (long? Least, long? Most) BatchRange =>
        _input?.Sizes is [{ Symbol: { } symbol }, ..] ? _graph.Ranges.GetValueOrDefault(symbol) : default;

    /// <summary>
    /// The shape of one sample as the exporter recorded it, or null if one of its sizes is symbolic.
    /// </summary>
    public IReadOnlyList<long>? SampleShape =>
        _input is { Sizes.Count: > 0 } given && given.Sizes.Skip(1).All(size => size.Number is not null)
            ? [.. given.Sizes.Skip(1).Select(size => size.Number!.Value)]
            : null;

    /// <summary>The dtype of the samples, or null if the file does not specify it.</summary>
    public ScalarType? InputDtype => _input?.Dtype;

    /// <summary>The names of the buffers that a call would change. The changes are discarded.</summary>
    public IReadOnlyList<string> ChangedBuffers
    {
        get
        {
            var written = WrittenInputs.Find(_graph.Graph);
            return
            [
                .. _graph
                    .Inputs.Where(one => one.Kind == InputKind.Buffer && one.Value.Names.Any(written.Contains))
                    .Select(one => one.Target)
                    .Concat(_graph.Outputs.Where(one => one.Kind == "buffer_mutation").Select(one => one.Target))
                    .Distinct(),
            ];
        }
    }

    /// <summary>
    /// Returns what a reader of results should know if real numbers are computed in the given dtype, one sentence per
    /// entry.
    /// </summary>
    public IReadOnlyList<string> FindRemarks(ScalarType dtype) =>
        [
            .. ProgramRemarks.ForBuffers(ChangedBuffers),
            .. ProgramRemarks.ForTypes(_graph, dtype),
            .. Write(dtype).Notes,
        ];

    /// <summary>Reads and checks a file. No tensor is read, and libtorch is not used.</summary>
    /// <param name="path">Path of the file.</param>
    /// <param name="output">Selects one of several outputs, by its position from 0 or its name; "" for the only
    /// one.</param>
    /// <exception cref="ExportedProgramException">The file is not an exported program, is damaged, or cannot serve as
    /// a network here. The message lists everything that is wrong with it.</exception>
    public static ExportedProgram Open(string path, string output = "")
    {
        var (layout, graph) = ExportedArchive.ReadGraph(path);
        var troubles = ExportedArchive.Guard(path, () => ProgramCheck.FindTroubles(graph, output));
        if (troubles.Count > 0)
            throw new ExportedProgramException($"{path} cannot be used. {string.Join(" ", troubles)}");
        var program = new ExportedProgram(path, layout, graph, ProgramCheck.FindOutput(graph, output)!);
        program.Write(ScalarType.Float32); // an argument of an unknown kind throws here
        return program;
    }

    /// <summary>Reads the tensors and compiles the graph.</summary>
    /// <param name="dtype">The dtype in which real numbers are computed.</param>
    /// <param name="device">The device that the tensors are moved to.</param>
    /// <returns>The module, owned by the caller.</returns>
    /// <exception cref="ExportedProgramException">A tensor is missing or damaged, libtorch lacks an operator, or
    /// parameters share memory in a way that theta cannot represent.</exception>
    /// <remarks>libtorch terminates the process if it cannot compile a call: load an untrusted file in a separate
    /// process first.</remarks>
    public ExportedModule Load(ScalarType dtype, Device device)
    {
        LibTorch.Load();
        RequireOperators();
        ScriptExecutor.UseSimple();
        using var scope = NewDisposeScope();
        var inputs = _graph
            .Inputs.Where(one => one.Kind is InputKind.Parameter or InputKind.Buffer or InputKind.Constant)
            .ToArray();
        var stored = ExportedArchive.Read(Path, zip => ProgramTensors.Read(zip, _layout, inputs));
        var named = inputs.Zip(stored, (input, tensor) => (input, tensor)).ToArray();
        if (DistinctParameters.Trouble([.. named.Select(one => (one.input.Target, one.tensor))]) is { } trouble)
            throw new ExportedProgramException($"{Path}: {trouble}");
        var text = Write(dtype, device.ToString());
        return new ExportedModule(this, Compile(text), ModuleTensor.Convert(named, dtype, device));
    }

    /// <summary>
    /// Returns the node that a libtorch message about a line of the generated code refers to, or null if there is
    /// none.
    /// </summary>
    public string? FindNode(string message)
    {
        var lines = CodeLine().Matches(message);
        return lines.Count == 0
            ? null
            : Write(ScalarType.Float32)
                .FindNode(int.Parse(lines[^1].Groups[1].ValueSpan, System.Globalization.CultureInfo.InvariantCulture))
                ?.Describe();
    }

    /// <summary>
    /// Returns the node whose operator has no derivative according to a libtorch message, or the operator's name if
    /// no node has it; null if the message names no operator.
    /// </summary>
    public string? FindUnderivable(string message)
    {
        if (Underivable().Match(message) is not { Success: true } match)
            return null;
        var name = match.Groups[1].Value;
        var node = _graph
            .Graph.Nodes.Where(node => node.Operator.Length > 0)
            .OrderByDescending(node => node.Operator.Length)
            .FirstOrDefault(node => name.StartsWith(node.Operator, StringComparison.Ordinal));
        return node?.Describe() ?? name;
    }

    private GraphText Write(ScalarType dtype, string device = "cpu") =>
        ExportedArchive.Guard(Path, () => GraphText.Write(_graph, _output, dtype, device));

    private void RequireOperators()
    {
        var missing = OperatorNames.FindMissing(_graph.Graph.Nodes);
        if (missing.Count > 0)
            throw new ExportedProgramException(
                $"{Path} calls operators that libtorch {LibTorch.Load().Version} does not have: "
                    + $"{string.Join(", ", missing.Take(5).Select(node => node.Describe()))}. It was written by PyTorch "
                    + $"{PlainText.Clipped(TorchVersion, 40)}; exported_program.run_decompositions() replaces operators "
                    + "with older ones."
            );
    }

    private jit.ScriptModule Compile(GraphText text)
    {
        try
        {
            return jit.load(ScriptBytes.Create(text.Text));
        }
        catch (Exception error) when (error is ExternalException or InvalidOperationException or NotSupportedException)
        {
            var at = FindNode(error.Message) is { } node ? $" at {node}" : "";
            throw new ExportedProgramException(
                $"{Path} cannot be compiled by libtorch{at}: {LibTorchErrors.Line(error).TrimEnd('.')}.",
                error
            );
        }
    }

    [GeneratedRegex(@"code/__torch__\.py"", line (\d{1,9})")]
    private static partial Regex CodeLine();

    [GeneratedRegex(@"derivative for '?(?:aten::)?(\w+)'? is not implemented")]
    private static partial Regex Underivable();
}
