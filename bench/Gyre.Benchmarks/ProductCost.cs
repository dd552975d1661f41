using static TorchSharp.torch;

namespace Gyre.Benchmarks;

/// <summary>Compares a Hessian-vector product with a gradient, with a cached and a recomputed graph.</summary>
internal static class ProductCost
{
    public static void Measure(Report report)
    {
        foreach (var activation in new[] { "relu", "tanh" })
        {
            using var problem = new Problem(activation);
            using var scope = NewDisposeScope();
            using var cached = problem.Objective.Linearize(long.MaxValue);
            using var recomputed = problem.Objective.Linearize(0);
            var vector = randn([problem.Objective.Layout.Dimension]);
            var pairs = Enumerable
                .Range(0, 40)
                .Select(_ =>
                    (
                        Gradient: Problem.Milliseconds(() =>
                        {
                            using var inner = NewDisposeScope();
                            problem.Objective.Evaluate();
                        }),
                        Product: Problem.Milliseconds(() =>
                        {
                            using var inner = NewDisposeScope();
                            cached.Product(vector);
                        }),
                        Scratch: Problem.Milliseconds(() =>
                        {
                            using var inner = NewDisposeScope();
                            recomputed.Product(vector);
                        })
                    )
                )
                .Skip(5)
                .ToArray();
            report.Row(
                $"product / gradient, MLP {activation}, cached graph",
                $"{Report.Ratio(pairs.Select(p => p.Product / p.Gradient))} "
                    + $"({Report.Median(pairs.Select(p => p.Gradient)):0.0} ms per gradient)",
                "≤ 2.0"
            );
            report.Row(
                $"product / gradient, MLP {activation}, recomputed",
                $"{Report.Ratio(pairs.Select(p => p.Scratch / p.Gradient))}",
                ""
            );
        }
    }
}
