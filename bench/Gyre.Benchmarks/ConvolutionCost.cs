using Gyre.Lab.Models;
using Gyre.Lab.Objectives;
using Gyre.Torch;
using static TorchSharp.torch;

namespace Gyre.Benchmarks;

/// <summary>
/// Times image networks at CIFAR-10's size on 1,000 samples of noise with two threads: a gradient, a product, and VGG
/// compared with plain libtorch.
/// </summary>
internal static class ConvolutionCost
{
    private const int Samples = 1000;

    public static void Measure(Report report)
    {
        Report.Threads(2);
        using var generator = new Generator(1);
        using var inputs = randn([Samples, 3, 32, 32], generator: generator);
        using var labels = randint(10, [Samples], dtype: ScalarType.Int64, generator: generator);
        foreach (var name in new[] { "vgg", "cnn", "resnet", "vit" })
            Catalog(report, name, inputs, labels);
        OneDnn.UseFor(false);
        Report.Threads(1);
    }

    private static void Catalog(Report report, string name, Tensor inputs, Tensor labels)
    {
        using var model = ModelCatalog.Build(
            name,
            new ModelRequest
            {
                InputShape = [3, 32, 32],
                Outputs = 10,
                Widths = [32, 32],
                Depth = 0,
                Activation = "relu",
                Initialisation = "pytorch",
                Seed = 1,
                Dtype = ScalarType.Float32,
                Device = CPU,
            }
        );
        OneDnn.UseFor(model.HasNoRemainder);
        using var objective = new Objective(model, LossCatalog.Get("cross-entropy"), inputs, labels, Samples);
        using var plain = name == "vgg" ? new PlainVgg(16) : null;
        using var scope = NewDisposeScope();
        using var graph = objective.Linearize(long.MaxValue);
        var vector = randn([objective.Layout.Dimension]);
        var rounds = Enumerable
            .Range(0, name == "vgg" ? 12 : 6)
            .Select(_ => new Round(
                Forward: Problem.Milliseconds(() =>
                {
                    using var none = no_grad();
                    using var inner = NewDisposeScope();
                    model.call(inputs);
                }),
                Gradient: Problem.Milliseconds(() =>
                {
                    using var inner = NewDisposeScope();
                    objective.Evaluate();
                }),
                Product: Problem.Milliseconds(() =>
                {
                    using var inner = NewDisposeScope();
                    graph.Product(vector);
                }),
                Plain: plain is null ? double.NaN : Problem.Milliseconds(() => Step(plain, inputs, labels))
            ))
            .Skip(2)
            .ToArray();
        Rows(report, name, objective.Layout.Dimension, rounds);
    }

    private static void Rows(Report report, string name, long parameters, Round[] rounds)
    {
        report.Row(
            $"product / gradient, {name}, {parameters} parameters, two threads, cached graph",
            $"{Report.Ratio(rounds.Select(r => r.Product / r.Gradient))} "
                + $"({Report.Median(rounds.Select(r => r.Gradient)):0} ms per gradient, "
                + $"{Report.Median(rounds.Select(r => r.Forward)):0} ms forward)",
            name == "vgg" ? "≤ 2.0" : ""
        );
        if (name == "vgg")
            report.Row(
                $"gradient, vgg / plain libtorch, two threads",
                $"{Report.Ratio(rounds.Select(r => r.Gradient / r.Plain))}",
                "≤ 1"
            );
    }

    /// <summary>Computes one gradient as a program without Gyre does.</summary>
    private static void Step(PlainVgg plain, Tensor inputs, Tensor labels)
    {
        using var inner = NewDisposeScope();
        plain.zero_grad();
        nn.functional.cross_entropy(plain.call(inputs), labels).backward();
    }

    /// <summary>Milliseconds of each part, measured one after the other.</summary>
    private sealed record Round(double Forward, double Gradient, double Product, double Plain);
}
