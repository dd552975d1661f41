using System.Diagnostics;
using Gyre.Lab.Curvature;
using Gyre.Lab.Models;
using Gyre.Lab.Objectives;
using Gyre.Spectral;
using Gyre.Torch;
using static TorchSharp.torch;

namespace Gyre.Benchmarks;

/// <summary>
/// Measures the time and memory of gradients, products and measurements from 10^4 to 10^8 parameters. The constants of
/// the cost model in docs/scale.md come from here.
/// </summary>
internal static class ScaleCost
{
    private const int Inputs = 784;
    private const int Classes = 10;
    private const int Chunk = 1000;
    private const int Pairs = 4;
    private const int Basis = 48;

    /// <summary>
    /// The width of the two hidden layers, the number of samples, and whether eigenpairs are measured. Sorted by
    /// memory, because a process's peak never falls.
    /// </summary>
    private static readonly (int Width, int Samples, bool Solve)[] Sizes =
    [
        (12, 1000, true),
        (12, 100_000, true),
        (112, 1000, true),
        (112, 10_000, true),
        (680, 1000, true),
        (680, 10_000, true),
        (2800, 1000, true),
        (9600, 100, false),
    ];

    public static void Measure(Report report)
    {
        LibTorch.Load();
        Report.Threads(Environment.ProcessorCount);
        report.Row($"threads", $"{Environment.ProcessorCount}", "");
        foreach (var (width, samples, solve) in Sizes)
            One(report, width, samples, solve);
    }

    private static void One(Report report, int width, int samples, bool solve)
    {
        using var scope = NewDisposeScope();
        using var model = ModelCatalog.Build(
            "mlp",
            new ModelRequest
            {
                InputShape = [Inputs],
                Outputs = Classes,
                Widths = [width, width],
                Depth = 2,
                Activation = "tanh",
                Initialisation = "pytorch",
                Seed = 1,
                Dtype = ScalarType.Float32,
                Device = CPU,
            }
        );
        using var chance = new Generator(1, CPU);
        var (inputs, labels) = (
            randn([samples, Inputs], generator: chance),
            randint(0, Classes, [samples], ScalarType.Int64, generator: chance)
        );
        using var objective = new Objective(
            model,
            LossCatalog.Get("cross-entropy"),
            inputs,
            labels,
            Math.Min(samples, Chunk)
        );
        var n = objective.Layout.Dimension;
        var gradient = Fastest(() => objective.Evaluate());
        var before = NativeMemory.AllocatedBytes();
        using var graph = objective.Linearize(long.MaxValue);
        var kept = NativeMemory.AllocatedBytes() - before;
        var vector = randn([n], generator: chance);
        var product = Fastest(() => graph.Product(vector));
        report.Row(
            $"n = {n:0.0e+0}, N = {samples:0e+0}: gradient; product / gradient; arithmetic rate",
            $"{gradient:0.0} ms; {product / gradient:0.00}; {6e-6 * n * samples / gradient:0} GFLOP/s",
            ""
        );
        report.Row(
            $"n = {n:0.0e+0}, N = {samples:0e+0}: cached graph; per sample and unit (outputs of 3 layers)",
            $"{kept / 1e6:0} MB; {(double)kept / samples / (2 * width + Classes):0.0} bytes",
            ""
        );
        if (solve)
            Solve(report, graph, n, samples, product);
        report.Row($"n = {n:0.0e+0}, N = {samples:0e+0}: peak resident memory so far", $"{Peak():0} MB", "");
    }

    private static void Solve(Report report, GradientGraph graph, long n, int samples, double product)
    {
        var start = TimeProvider.System.GetTimestamp();
        var found = Lanczos.Solve(
            new HessianOperator(graph),
            new LanczosOptions
            {
                Wanted = Wanted.Largest(Pairs),
                Basis = Basis,
                Seed = 1,
                MaxProducts = 60,
            }
        );
        var whole = TimeProvider.System.GetElapsedTime(start).TotalMilliseconds;
        report.Row(
            $"n = {n:0.0e+0}, N = {samples:0e+0}: four pairs at initialization: time; share outside "
                + "products; basis",
            $"{whole:0} ms in {found.Products} products; {100 * (1 - found.Products * product / whole):0} "
                + $"%; {4e-6 * Basis * n:0} MB",
            ""
        );
    }

    private static double Fastest(Action act)
    {
        var best = double.PositiveInfinity;
        var begun = Stopwatch.GetTimestamp();
        for (var i = 0; i < 5 && (i < 2 || Stopwatch.GetElapsedTime(begun).TotalSeconds < 10); i++)
        {
            best = Math.Min(
                best,
                Problem.Milliseconds(() =>
                {
                    using var inner = NewDisposeScope();
                    act();
                })
            );
        }
        return best;
    }

    private static double Peak()
    {
        using var process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64 / 1e6;
    }
}
