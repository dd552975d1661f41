using System.Diagnostics;
using Gyre.Lab.RunFiles;

namespace Gyre.Benchmarks;

/// <summary>Runs of the program in processes of their own, without checkpoints or a test set.</summary>
internal static class GyreRuns
{
    /// <summary>Starts a run of the preset quick.</summary>
    /// <param name="launcher">A program that starts it, with its arguments; none to start it as it is.</param>
    /// <param name="place">An empty folder for run folders.</param>
    /// <param name="sets">Changes to the spec.</param>
    public static Process Start(string[] launcher, string place, IEnumerable<string> sets)
    {
        string[] command =
        [
            .. launcher,
            "dotnet",
            Path.Combine(AppContext.BaseDirectory, "gyre.dll"),
            "run",
            "quick",
            "--out",
            place,
            .. sets.Concat(["run.keep_checkpoints=0", "training.evaluate_every=0"])
                .SelectMany(set => new[] { "--set", set }),
        ];
        return Process.Start(
            new ProcessStartInfo(command[0], command[1..])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                WorkingDirectory = place,
            }
        )!;
    }

    /// <summary>Waits for its end.</summary>
    /// <exception cref="InvalidOperationException">It failed; with its words.</exception>
    public static void End(Process run)
    {
        var said = run.StandardError.ReadToEndAsync();
        run.StandardOutput.ReadToEnd();
        run.WaitForExit();
        if (run.ExitCode != 0)
            throw new InvalidOperationException($"A run of the benchmark ended with {run.ExitCode}: {said.Result}");
        run.Dispose();
    }

    /// <summary>Times of every step of a run but the first, which pays for what is done once.</summary>
    public static TimingRecord[] Timings(string folder) =>
        [.. new JsonLinesTail<TimingRecord>(new RunFolder(folder).Timings).Poll().Where(timing => timing.Step > 0)];
}
