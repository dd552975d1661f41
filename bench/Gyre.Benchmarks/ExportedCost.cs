using System.Text.RegularExpressions;
using Gyre.Lab.Models;
using Gyre.Tests.TestKit;
using Gyre.Tests.TestKit.Exported;
using Gyre.Torch;
using Gyre.Torch.Exported;
using static TorchSharp.torch;

namespace Gyre.Benchmarks;

/// <summary>
/// Compares a network as an exported program with the same network and calls as TorchScript: gradient and product of
/// 1,000 samples of noise with two threads, in alternation.
/// </summary>
internal static partial class ExportedCost
{
    private const int Samples = 1000;
    private const int Pairs = 40;
    private const int Products = 4;
    private const int Warm = 3;

    public static void Measure(Report report)
    {
        Report.Threads(2);
        Compare(report, "mlp", new() { Widths = [200, 200], Activation = "tanh" });
        Compare(report, "cnn", new() { Widths = [16, 16], Activation = "relu" });
        Report.Threads(1);
    }

    private static void Compare(Report report, string name, ModelSpec spec)
    {
        using var place = new TemporaryFolder();
        using var scope = NewDisposeScope();
        var request = new ModelRequest(spec)
        {
            InputShape = [28, 28],
            Outputs = 10,
            Seed = 1,
            Dtype = ScalarType.Float32,
            Device = CPU,
        };
        using var network = ModelCatalog.Build(name, request);
        var program = NetworkProgram.Build(name, request, network, ProgramForm.Training);
        var file = ProgramArchive.Save(place["model.pt2"], program);
        using var exported = ExportedProgram.Open(file).Load(ScalarType.Float32, CPU);
        using var script = TorchScriptFile.Load(Script(place["model.pt"], file, exported));
        var inputs = randn(Samples, 28, 28);
        var labels = randint(10, [Samples], dtype: ScalarType.Int64);
        Tensor[] ours = [.. exported.Tensors.Where(one => one.Kind == InputKind.Parameter).Select(one => one.Value)];
        Tensor[] theirs = [.. script.parameters()];
        var pairs = Enumerable
            .Range(0, Pairs + Warm)
            .Select(_ => (Time(exported.Call, ours, inputs, labels), Time(script.call, theirs, inputs, labels)))
            .Skip(Warm)
            .ToArray();
        report.Row(
            $"{name}: gradient, exported / TorchScript",
            Report.Ratio(pairs.Select(pair => pair.Item1.Gradient / pair.Item2.Gradient)),
            "within 3 %"
        );
        report.Row(
            $"{name}: product, exported / TorchScript",
            Report.Ratio(pairs.Select(pair => pair.Item1.Product / pair.Item2.Product)),
            "within 3 %"
        );
    }

    private static (double Gradient, double Product) Time(
        Func<Tensor, Tensor> network,
        Tensor[] parameters,
        Tensor inputs,
        Tensor labels
    )
    {
        using var scope = NewDisposeScope();
        var gradient = Problem.Milliseconds(() =>
        {
            using var inner = NewDisposeScope();
            Gradients.Gradient(nn.functional.cross_entropy(network(inputs), labels), parameters);
        });
        var vectors = parameters.Select(one => ones_like(one)).ToArray();
        var graph = Gradients.GradientWithGraph(nn.functional.cross_entropy(network(inputs), labels), parameters);
        var product = Problem.Milliseconds(() =>
        {
            using var inner = NewDisposeScope();
            for (var i = 0; i < Products; i++)
                Gradients.Product(graph, parameters, vectors);
        });
        return (gradient, product / Products);
    }

    /// <summary>Saves the same calls as a TorchScript module, whose parameters are attributes.</summary>
    private static string Script(string path, string file, ExportedModule exported)
    {
        var (_, graph) = ExportedArchive.ReadGraph(file);
        var text = GraphText.Write(graph, ProgramCheck.FindOutput(graph, "")!, ScalarType.Float32, "cpu").Text;
        var body = text[(text.IndexOf("-> Tensor:\n", StringComparison.Ordinal) + "-> Tensor:\n".Length)..];
        var lines = body.TrimEnd('\n').Split('\n').Select(line => line.Trim());
        var own = Parameter()
            .Replace(string.Join('\n', lines), "self.p$1")
            .Replace("x[0]", "x", StringComparison.Ordinal);
        return ScriptArchive.Save(
            path,
            own,
            "Tensor",
            [.. exported.Tensors.Select((one, i) => ($"p{i}", (object?)SavedTensor.From(one.Value, trained: true)))]
        );
    }

    [GeneratedRegex(@"\bp\[(\d+)\]")]
    private static partial Regex Parameter();
}
