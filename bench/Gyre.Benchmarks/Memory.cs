using System.Diagnostics;
using Gyre.Lab.Curvature;
using Gyre.Spectral;
using static TorchSharp.torch;

namespace Gyre.Benchmarks;

/// <summary>
/// Checks over 20,000 steps with a measurement every 20 that the number of live tensors and the resident memory stay
/// constant.
/// </summary>
internal static class Memory
{
    private const int Steps = 20_000;

    public static void Measure(Report report)
    {
        using var problem = new Problem("tanh", 100, [16]);
        Go(problem, 500);
        var (tensors, resident) = (Tensor.TotalCount, Resident());
        Go(problem, Steps);
        report.Row(
            $"live tensors over {Steps} steps with a measurement every 20",
            $"{Tensor.TotalCount - tensors:+0;-0;0}",
            "0"
        );
        report.Row($"resident memory over the same steps", $"{resident:0} MB → {Resident():0} MB", "flat");
    }

    private static void Go(Problem problem, int steps)
    {
        for (var step = 0; step < steps; step++)
        {
            using var scope = NewDisposeScope();
            if (step % 20 != 0)
            {
                problem.Descent.Step(0, problem.Objective.Evaluate(), 0.01);
                continue;
            }
            using var graph = problem.Objective.Linearize(1 << 28);
            Lanczos.Solve(new HessianOperator(graph), new LanczosOptions { Wanted = Wanted.Largest(2), Seed = step });
            problem.Descent.Step(0, graph.Value, 0.01);
        }
    }

    private static double Resident()
    {
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64 / 1e6;
    }
}
