using Gyre.Lab.RunFiles;
using Gyre.Lab.Running;
using Gyre.Lab.Specs;
using static TorchSharp.torch;

namespace Gyre.Benchmarks;

/// <summary>
/// Compares a training step of a run, including its files, with the same arithmetic in plain TorchSharp.
/// </summary>
internal static class LoopOverhead
{
    private const int Steps = 60;

    public static void Measure(Report report)
    {
        var ratios = Enumerable.Range(0, 7).Select(i => RunSeconds(i) / PlainSeconds()).Skip(1).ToArray();
        report.Row($"step of a run / plain libtorch step", $"{Report.Ratio(ratios)}", "");
        report.Row($"share of a step outside libtorch", $"{100 * (1 - 1 / Report.Median(ratios)):0.0} %", "≤ 5 %");
    }

    private static double RunSeconds(int seed)
    {
        var folder = Directory.CreateTempSubdirectory("gyre-bench-").FullName;
        var spec = SpecReader.Read(
            "fashion-mlp",
            [
                "threads=1",
                $"seed={seed}",
                $"training.steps={Steps}",
                "training.learning_rate=0.05",
                "curvature.every=0",
                "training.evaluate_every=0",
                "run.checkpoint_every=1000",
                "run.checkpoint_seconds=0",
            ]
        );
        var run = new RunFolder(Path.Combine(folder, "run"));
        Run.Execute(spec, run, "bench", TimeProvider.System, CancellationToken.None);
        var steps = RunReader.Open(run.Path).ReadTimings().Where(time => time.Step is >= 5 and < Steps - 1).ToArray();
        Directory.Delete(folder, recursive: true);
        return Report.Median(steps.Select(time => time.Total));
    }

    private static double PlainSeconds()
    {
        using var problem = new Problem("relu");
        var parameters = problem.Objective.Parameters;
        using var rate = tensor(0.05f);
        return Report.Median(
                Enumerable
                    .Range(0, Steps)
                    .Select(_ =>
                        Problem.Milliseconds(() =>
                        {
                            using var scope = NewDisposeScope();
                            var loss = nn.functional.cross_entropy(
                                problem.Model.call(problem.Data.Train.Chunk(0).Inputs),
                                problem.Data.Train.Chunk(0).Targets
                            );
                            loss.backward();
                            using var none = no_grad();
                            foreach (var parameter in parameters)
                            {
                                parameter.sub_(parameter.grad! * rate);
                                parameter.grad!.zero_();
                            }
                        })
                    )
                    .Skip(5)
            ) / 1000;
    }
}
