using Gyre.Tests.TestKit;
using Gyre.Tests.TestKit.Exported;
using Gyre.Torch.Exported;
using static TorchSharp.torch;

namespace Gyre.Tests.Fuzz;

/// <summary>An exported program with every kind of argument and tensor, and its reading up to the compiler.</summary>
internal static class ProgramBytes
{
    private const string Weights = "model/data/weights/model_weights_config.json";
    private const string NewGraph = "model/models/model.json";
    private const string OldGraph = "serialized_exported_program.json";

    /// <summary>The graph's JSON.</summary>
    public static byte[] Graph => ProgramArchive.Utf8(ProgramArchive.Json(Program(), ProgramLayout.Folders));

    /// <summary>The JSON that lists the weights.</summary>
    public static byte[] Tensors =>
        ProgramArchive.Entries(Program(), ProgramLayout.Folders).Single(part => part.Name == Weights).Bytes;

    /// <summary>A whole file.</summary>
    public static byte[] Archive(ProgramLayout layout) => SavedFile.Zip(ProgramArchive.Entries(Program(), layout));

    /// <summary>A file with another graph.</summary>
    public static byte[] WithGraph(ProgramLayout layout, byte[] json) =>
        Replaced(layout, layout == ProgramLayout.Folders ? NewGraph : OldGraph, json);

    /// <summary>A file with another list of weights.</summary>
    public static byte[] WithTensors(byte[] json) => Replaced(ProgramLayout.Folders, Weights, json);

    /// <summary>
    /// Reads all that a file says of its graph, and its tensors. The compiler is left out: libtorch ends the process over
    /// calls that do not suit their operators, so that files are first tried in another one.
    /// </summary>
    public static void Read(string folder)
    {
        var path = Path.Combine(folder, "a.pt2");
        var program = ExportedProgram.Open(path);
        _ = (program.ChangedBuffers, program.FindRemarks(ScalarType.Float64), program.SampleShape, program.BatchRange);
        using var scope = NewDisposeScope();
        var (layout, graph) = ExportedArchive.ReadGraph(path);
        var inputs = graph.Inputs.Where(one =>
            one.Kind is InputKind.Parameter or InputKind.Buffer or InputKind.Constant
        );
        ExportedArchive.Read(path, zip => ProgramTensors.Read(zip, layout, inputs));
    }

    private static byte[] Replaced(ProgramLayout layout, string name, byte[] bytes) =>
        SavedFile.Zip(
            ProgramArchive.Entries(Program(), layout).Select(part => part.Name == name ? (name, bytes) : part)
        );

    private static ProgramBuilder Program()
    {
        var program = new ProgramBuilder { Module = "layers.0" };
        var storage = new SavedStorage([1, 2, 3, 4, 5, 6, 7, 8]);
        var weight = program.Parameter("layers.0.weight", new SavedTensor(storage, [2, 3], [3, 1]));
        var bias = program.Parameter("layers.0.bias", new SavedTensor(storage, [2], [1], 6));
        var buffer = program.Buffer("scale", new SavedTensor(storage, [2, 2], [0, 1], 2), persistent: false);
        var constant = program.Constant("lifted_tensor_0", new SavedTensor(new SavedStorage([2]), [], []));
        var x = program.Input("x", ScalarType.Float32, null, 3);
        var batch = program.Size(x, 0);
        var hidden = program.Call("linear", ("input", x), ("weight", weight), ("bias", bias));
        hidden = program.Call("view", ("self", hidden), ("size", ProgramValue.Sizes(batch, 1L, 2L)));
        hidden = program.Call("sum.dim_IntList", ("self", hidden), ("dim", (long[])[1]), ("keepdim", false));
        hidden = program.Call("gelu", ("self", hidden), ("approximate", "tanh"));
        hidden = program.Call("clamp", ("self", hidden), ("min", double.NegativeInfinity), ("max", ProgramValue.None));
        var both = program.CallList("split.Tensor", 2, ("self", hidden), ("split_size", 1L), ("dim", 1L));
        hidden = program.Call("cat", ("tensors", both), ("dim", 1L));
        hidden = program.Call("index.Tensor", ("self", hidden), ("indices", ProgramValue.Optional(null, null)));
        hidden = program.Call("to.dtype", ("self", hidden), ("dtype", ProgramValue.Dtype(ScalarType.Float64)));
        program.Call("add_.Tensor", ("self", buffer), ("other", 1L));
        program.Call("_operator.mul", ("a", batch), ("b", 2L));
        var inner = new ProgramBuilder();
        inner.Output(inner.Call("mul.Tensor", ("self", inner.Input("a", ScalarType.Float32, 2)), ("other", 2.0)));
        var part = program.CallList(
            "torch.ops.higher_order.wrap_with_set_grad_enabled",
            1,
            ("", false),
            ("", ProgramValue.Graph("submod_1", inner)),
            ("", constant)
        );
        program.Output(program.Call("add.Tensor", ("self", hidden), ("other", part[0])));
        return program;
    }
}
