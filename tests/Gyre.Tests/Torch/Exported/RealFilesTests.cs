using Gyre.Torch;
using Gyre.Torch.Exported;
using Gyre.Torch.Weights;
using static TorchSharp.torch;

namespace Gyre.Tests.Torch.Exported;

/// <summary>
/// Files that PyTorch itself wrote, in the folder that GYRE_PT2_FILES names: NAME.pt2 with its sample inputs, and
/// expected/NAME_results.pt with the list of outputs that PyTorch computed. Compiled only if there is such a folder.
/// </summary>
public class RealFilesTests
{
    public static TheoryData<string> Files =>
        [
            .. Directory
                .EnumerateFiles(Path.Combine(Folder, "expected"), "*_results.pt")
                .Select(file => Path.GetFileName(file)[..^"_results.pt".Length])
                .Order(StringComparer.Ordinal),
        ];

    private static string Folder => Environment.GetEnvironmentVariable("GYRE_PT2_FILES")!;

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_output_is_that_of_PyTorch(string name)
    {
        using var scope = NewDisposeScope();
        var path = Path.Combine(Folder, $"{name}.pt2");
        var (layout, graph) = ExportedArchive.ReadGraph(path);
        if (graph.Graph.Nodes.FirstOrDefault(node => OperatorRules.FindTrouble(node) is not null) is { } refused)
        {
            TestContext.Current.SendDiagnosticMessage($"{name}: refused, {refused.Describe()}");
            Assert.Throws<ExportedProgramException>(() => ExportedProgram.Open(path, "0"));
            return;
        }
        var own = graph
            .Inputs.Where(one => one.Kind is InputKind.Parameter or InputKind.Buffer or InputKind.Constant)
            .ToArray();
        var tensors = ExportedArchive.Read(path, zip => ProgramTensors.Read(zip, layout, own));
        var given = Samples(path);
        var expected = Results(name);
        var outputs = graph.Outputs.Where(one => one.Kind == "user_output").ToArray();
        Assert.Equal(outputs.Length, expected.Count);
        var compared = 0;
        foreach (var (output, result) in outputs.Zip(expected).Where(pair => pair.First.Value.Kind == "as_tensor"))
        {
            using var module = jit.load(
                ScriptBytes.Create(GraphText.Write(graph, output, ScalarType.Float64, "cpu").Text)
            );
            AssertClose((Tensor)module.call(Wide(tensors), Wide(given)), result);
            compared++;
        }
        Assert.True(compared > 0);
    }

    private static Tensor[] Wide(IEnumerable<Tensor> tensors) =>
        [.. tensors.Select(one => one.is_floating_point() ? one.to(ScalarType.Float64) : one)];

    private static void AssertClose(Tensor actual, Tensor expected)
    {
        Assert.Equal(expected.shape, actual.shape);
        var tolerance = expected.dtype switch
        {
            ScalarType.Float16 or ScalarType.BFloat16 => 2e-2,
            ScalarType.Float32 => 2e-6,
            ScalarType.Float64 => 1e-12,
            _ => 0,
        };
        var (one, other) = (actual.to(ScalarType.Float64), expected.to(ScalarType.Float64));
        var apart = one.numel() == 0 ? 0 : Host.Number((one - other).abs().max());
        var size = one.numel() == 0 ? 0 : Host.Number(other.abs().max());
        Assert.True(apart <= tolerance * (1 + size), $"{apart} apart of {size}, {expected.dtype}");
    }

    /// <summary>The archive's sample inputs: a tuple of the arguments and a dictionary.</summary>
    private static Tensor[] Samples(string path) =>
        ExportedArchive.Read(
            path,
            zip =>
            {
                using var stream = new MemoryStream(
                    ExportedArchive.Bytes(
                        zip.Entries.Single(one =>
                            one.FullName.EndsWith("sample_inputs/model.pt", StringComparison.Ordinal)
                        )
                    )
                );
                using var file = TorchSaveFile.Open(stream, "samples");
                var arguments = (StoredTuple)((StoredTuple)file.Root!).Items[0]!;
                return arguments.Items.Select((one, i) => file.Read(one, $"{i}")).ToArray();
            }
        );

    private static List<Tensor> Results(string name)
    {
        using var stream = File.OpenRead(Path.Combine(Folder, "expected", $"{name}_results.pt"));
        using var file = TorchSaveFile.Open(stream, "results");
        var items = file.Root is StoredTuple tuple ? tuple.Items : ((StoredList)file.Root!).Items;
        return [.. items.Select((one, i) => one is StoredTensor ? file.Read(one, $"{i}") : empty(0))];
    }
}
