using static TorchSharp.torch;

namespace Gyre.Benchmarks;

/// <summary>Compares the arithmetic rate of a training step with the machine's matrix-multiply rate.</summary>
internal static class MatrixPeak
{
    public static void Measure(Report report)
    {
        using var scope = NewDisposeScope();
        var (a, b) = (randn([1536, 1536]), randn([1536, 1536]));
        using var problem = new Problem("relu");
        double[] widths = [784, 200, 200, 10];
        // Forward and weight gradient for every layer, input gradient for all but the first; 2 flops per multiply-add.
        var flops =
            1000 * Enumerable.Range(0, 3).Sum(layer => (layer == 0 ? 4 : 6) * widths[layer] * widths[layer + 1]);
        var pairs = Enumerable
            .Range(0, 30)
            .Select(_ =>
                (
                    Peak: 2
                        * Math.Pow(1536, 3)
                        / Problem.Milliseconds(() =>
                        {
                            using var inner = NewDisposeScope();
                            a.mm(b);
                        }),
                    Step: flops
                        / Problem.Milliseconds(() =>
                        {
                            using var inner = NewDisposeScope();
                            problem.Descent.Step(0, problem.Objective.Evaluate(), 0.05);
                        })
                )
            )
            .Skip(5)
            .ToArray();
        report.Row(
            $"training step, share of the matrix-multiply rate",
            $"{Report.Ratio(pairs.Select(pair => pair.Step / pair.Peak))} (peak "
                + $"{Report.Median(pairs.Select(pair => pair.Peak)) / 1e6:0} GFLOP/s)",
            ""
        );
    }
}
