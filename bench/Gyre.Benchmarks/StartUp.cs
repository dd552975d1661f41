using System.Diagnostics;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Running;
using Gyre.Lab.Specs;

namespace Gyre.Benchmarks;

/// <summary>Times from the start of the process to the end of a run of one training step.</summary>
internal static class StartUp
{
    public static void Measure(Report report)
    {
        var folder = Directory.CreateTempSubdirectory("gyre-bench-").FullName;
        var run = new RunFolder(Path.Combine(folder, "run"));
        Run.Execute(
            SpecReader.Read("fashion-mlp", ["training.steps=1", "curvature.every=0", "training.evaluate_every=0"]),
            run,
            "bench",
            TimeProvider.System,
            CancellationToken.None
        );
        using var process = Process.GetCurrentProcess();
        var seconds = (TimeProvider.System.GetLocalNow() - process.StartTime).TotalSeconds;
        Directory.Delete(folder, recursive: true);
        report.Row(
            $"process start to the first training step (to the end of a one-step run)",
            $"{seconds:0.00} s",
            "< 2 s"
        );
    }
}
