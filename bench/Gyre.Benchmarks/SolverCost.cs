using Gyre.Lab.Curvature;
using Gyre.Spectral;
using static TorchSharp.torch;

namespace Gyre.Benchmarks;

/// <summary>
/// Measures products and time per measurement along an edge-of-stability trajectory (steps 40 to 59, eta 0.1 and 0.2),
/// compared with the stopping rules in common use, here with Gyre's solvers: restarted Lanczos to machine precision
/// (scipy's eigsh: basis 20, residual at rounding) and power iteration to a relative change of 1e-3.
/// </summary>
internal static class SolverCost
{
    private sealed record Sample(
        string Rule,
        double Rate,
        int Products,
        double Milliseconds,
        bool Converged,
        double Angle
    );

    public static void Measure(Report report)
    {
        var samples = new[] { 0.1, 0.2 }.SelectMany(Trajectory).ToArray();
        foreach (
            var (rule, target) in new[]
            {
                ("four pairs at 1 degree, cold", ""),
                ("four pairs at 1 degree, warm", ""),
                ("one pair at 1 degree, cold", ""),
                ("one pair at 1 degree, warm", ""),
                ("four pairs, eigsh's rule", ""),
                ("four pairs, power iteration 1e-3", ""),
            }
        )
        {
            var own = samples.Where(sample => sample.Rule == rule).ToArray();
            var byRate = string.Join(
                " / ",
                own.GroupBy(sample => sample.Rate)
                    .Select(group => FormattableString.Invariant($"{group.Average(sample => sample.Products):0.0}"))
            );
            report.Row(
                $"{rule}: products, eta 0.1 / 0.2",
                $"{byRate}; mean {own.Average(sample => sample.Products):0.0}; "
                    + $"{Report.Median(own.Select(sample => sample.Milliseconds)):0} ms; v1 off by at most "
                    + $"{own.Max(sample => sample.Angle):0.0} degrees; "
                    + $"{own.Count(sample => !sample.Converged)} of {own.Length} not converged",
                target
            );
        }
        double[] Times(string rule) =>
            [.. samples.Where(sample => sample.Rule == rule).Select(sample => sample.Milliseconds)];
        double[] Over(string rule) =>
            [.. Times(rule).Zip(Times("four pairs at 1 degree, warm"), (other, ours) => other / ours)];
        report.Row(
            $"eigsh's rule / four pairs at 1 degree warm, time",
            $"{Report.Ratio(Over("four pairs, eigsh's rule"))}",
            "≥ 4"
        );
        report.Row(
            $"power iteration / four pairs at 1 degree warm, time",
            $"{Report.Ratio(Over("four pairs, power iteration 1e-3"))}",
            "≥ 8"
        );
    }

    private static IEnumerable<Sample> Trajectory(double rate)
    {
        using var problem = new Problem("relu");
        using var history = new EigenpairHistory();
        var samples = new List<Sample>();
        for (var step = 0; step < 60; step++)
        {
            using var scope = NewDisposeScope();
            using var graph = problem.Objective.Linearize(long.MaxValue);
            if (step >= 38)
            {
                var exact = Lanczos.Solve(
                    new HessianOperator(graph),
                    new LanczosOptions
                    {
                        Wanted = Wanted.Largest(4),
                        AngleToleranceDegrees = 0.1,
                        Guards = WarmStart.Guards,
                        Seed = 1000 + step,
                    }
                );
                if (step >= 40)
                    samples.AddRange(
                        Measure(new HessianOperator(graph), exact.Vectors, history.At(step - 2)!.Vectors, step, rate)
                    );
                history.Add(new KeptEigenvectors(step, step % 10, cat([exact.Vectors, exact.Guards])));
            }
            problem.Descent.Step(0, graph.Value, rate);
        }
        return samples;
    }

    private static IEnumerable<Sample> Measure(
        HessianOperator hessian,
        Tensor exact,
        Tensor before,
        int step,
        double rate
    )
    {
        var four = new LanczosOptions { Wanted = Wanted.Largest(4), Seed = step };
        var one = new LanczosOptions { Wanted = Wanted.Largest(1), Seed = step };
        var eigsh = four with { AngleToleranceDegrees = null, ResidualTolerance = 1.2e-7, Basis = 20 };
        yield return Time("four pairs at 1 degree, cold", () => Lanczos.Solve(hessian, four));
        yield return Time("four pairs at 1 degree, warm", () => Warm(four, before));
        yield return Time("one pair at 1 degree, cold", () => Lanczos.Solve(hessian, one));
        yield return Time("one pair at 1 degree, warm", () => Warm(one, before.slice(0, 0, 1 + WarmStart.Guards, 1)));
        yield return Time("four pairs, eigsh's rule", () => Lanczos.Solve(hessian, eigsh));
        var start = TimeProvider.System.GetTimestamp();
        var power = PowerIteration.Solve(hessian, 4, seed: step);
        var milliseconds = TimeProvider.System.GetElapsedTime(start).TotalMilliseconds;
        yield return new Sample(
            "four pairs, power iteration 1e-3",
            rate,
            power.Products,
            milliseconds,
            true,
            Angle(power.Vectors, exact)
        );

        EigenSolution Warm(LanczosOptions options, Tensor known) =>
            Lanczos.Solve(hessian, WarmStart.Options(options, known), WarmStart.Row(known, null, step));

        Sample Time(string rule, Func<EigenSolution> solve)
        {
            EigenSolution? solution = null;
            var took = Problem.Milliseconds(() => solution = solve());
            return new Sample(rule, rate, solution!.Products, took, solution.Converged, Angle(solution.Vectors, exact));
        }
    }

    private static double Angle(Tensor vectors, Tensor exact) =>
        Math.Acos(
            Math.Min(1, vectors[0].to(ScalarType.Float64).dot(exact[0].to(ScalarType.Float64)).abs().item<double>())
        )
        * 180
        / Math.PI;
}
