using System.Diagnostics;
using Gyre.Lab.RunFiles;

namespace Gyre.Benchmarks;

/// <summary>
/// Runs the program in separate processes. No checkpoint is kept at the end, and the test set is evaluated only at the
/// end.
/// </summary>
internal static class GyreRuns
{
    /// <summary>Starts a run of the preset quick.</summary>
    /// <param name="launcher">A program that starts it, with its arguments; empty to start it directly.</param>
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

    /// <summary>Waits for a run to exit.</summary>
    /// <exception cref="InvalidOperationException">The run failed; the message has its standard error.</exception>
    public static void End(Process run)
    {
        var said = run.StandardError.ReadToEndAsync();
        run.StandardOutput.ReadToEnd();
        run.WaitForExit();
        if (run.ExitCode != 0)
            throw new InvalidOperationException($"A benchmark run exited with code {run.ExitCode}: {said.Result}");
        run.Dispose();
    }

    /// <summary>Returns the timings of all steps of a run except the first, which includes one-time costs.</summary>
    public static TimingRecord[] Timings(string folder) =>
        [.. new JsonLinesTail<TimingRecord>(new RunFolder(folder).Timings).Poll().Where(timing => timing.Step > 0)];
}
