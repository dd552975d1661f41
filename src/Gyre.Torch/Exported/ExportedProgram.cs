using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using static TorchSharp.torch;

namespace Gyre.Torch.Exported;

/// <summary>
/// A program of <c>torch.export.save</c>: its graph, read and checked; <see cref="Load"/> makes a function of it. Nothing
/// of the file is run as code.
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

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>The PyTorch that wrote it.</summary>
    public string TorchVersion => _graph.TorchVersion;

    /// <summary>Number of calls in the graph.</summary>
    public int Nodes => _graph.Graph.Nodes.Count;

    /// <summary>Samples that every call must have, if the exporter fixed them; otherwise null.</summary>
    public long? Batch => _input?.Sizes is [{ Number: { } batch }, ..] ? batch : null;

    /// <summary>Least and greatest number of samples of a call, if the exporter allows a range.</summary>
    public (long? Least, long? Most) BatchRange =>
        _input?.Sizes is [{ Symbol: { } symbol }, ..] ? _graph.Ranges.GetValueOrDefault(symbol) : default;

    /// <summary>Shape of one sample as the exporter saw it; null where a size of it is symbolic.</summary>
    public IReadOnlyList<long>? SampleShape =>
        _input is { Sizes.Count: > 0 } given && given.Sizes.Skip(1).All(size => size.Number is not null)
            ? [.. given.Sizes.Skip(1).Select(size => size.Number!.Value)]
            : null;

    /// <summary>Type of the samples; null if the file does not say.</summary>
    public ScalarType? InputDtype => _input?.Dtype;

    /// <summary>Names of the buffers that a call would change; the changes are dropped.</summary>
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

    /// <summary>What a reader of results should know when real numbers are computed in a type, in sentences.</summary>
    public IReadOnlyList<string> FindRemarks(ScalarType dtype) =>
        [
            .. ProgramRemarks.ForBuffers(ChangedBuffers),
            .. ProgramRemarks.ForTypes(_graph, dtype),
            .. Write(dtype).Notes,
        ];

    /// <summary>Reads and checks a file; no tensor is read and libtorch is not used.</summary>
    /// <param name="path">The file.</param>
    /// <param name="output">Which of several outputs is meant: its position from 0 or its name; "" for the only
    /// one.</param>
    /// <exception cref="ExportedProgramException">It is no exported program, damaged, or cannot be a network here; with
    /// everything that stands against it.</exception>
    public static ExportedProgram Open(string path, string output = "")
    {
        var (layout, graph) = ExportedArchive.ReadGraph(path);
        var troubles = ExportedArchive.Guard(path, () => ProgramCheck.FindTroubles(graph, output));
        if (troubles.Count > 0)
            throw new ExportedProgramException($"{path} cannot be used. {string.Join(" ", troubles)}");
        var program = new ExportedProgram(path, layout, graph, ProgramCheck.FindOutput(graph, output)!);
        program.Write(ScalarType.Float32); // an argument of an unknown kind is refused here
        return program;
    }

    /// <summary>Reads the tensors and compiles the graph.</summary>
    /// <param name="dtype">In which real numbers are computed.</param>
    /// <param name="device">Where.</param>
    /// <returns>Owned by the caller.</returns>
    /// <exception cref="ExportedProgramException">A tensor is missing or damaged, libtorch lacks an operator, or
    /// parameters share memory in a way that theta cannot hold.</exception>
    /// <remarks>libtorch ends the process where it cannot compile a call: load a stranger's file in a process of its
    /// own first.</remarks>
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

    /// <summary>The node that libtorch speaks of in a message about the text's lines; null if there is none.</summary>
    public string? FindNode(string message)
    {
        var lines = CodeLine().Matches(message);
        return lines.Count == 0
            ? null
            : Write(ScalarType.Float32)
                .FindNode(int.Parse(lines[^1].Groups[1].ValueSpan, System.Globalization.CultureInfo.InvariantCulture))
                ?.Describe();
    }

    /// <summary>The nodes of an operator that has no derivative, by libtorch's message; null if it names none.</summary>
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
                    + "by older ones."
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
