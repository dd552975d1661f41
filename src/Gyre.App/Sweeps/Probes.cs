using System.Text;
using Gyre.App.Commands;
using Gyre.Lab.Experiments;
using Gyre.Lab.Experiments.Sweeps;
using Gyre.Lab.Runs;
using Spectre.Console;

namespace Gyre.App.Sweeps;

/// <summary>Measures what a plan must know of theta_0, in child processes, once: the sweep's folder remembers.</summary>
internal static class Probes
{
    /// <summary>What was measured, by id; null when stopped.</summary>
    /// <param name="console">For a line of progress.</param>
    /// <param name="needed">Specs to probe.</param>
    /// <param name="folder">Of the sweep.</param>
    /// <param name="writer">Null in a dry run: nothing is written then.</param>
    /// <param name="jobs">Processes at a time.</param>
    /// <param name="verbose">Passed on.</param>
    /// <param name="stop">Whether an end was asked for.</param>
    /// <exception cref="RunFolderException">A probe's process died.</exception>
    public static IReadOnlyDictionary<string, ProbeRecord>? Measure(
        IAnsiConsole console, IReadOnlyList<RunSpec> needed, SweepFolder folder, SweepWriter? writer, int jobs, bool verbose, Func<bool> stop)
    {
        var known = new JsonLinesTail<ProbeRecord>(folder.Probes).Poll().GroupBy(probe => probe.Id).ToDictionary(group => group.Key, group => group.Last());
        var missing = new Queue<RunSpec>(needed.Where(spec => !known.ContainsKey(Probe.Id(spec))));
        if (missing.Count > 0)
            Ending.Say(console, $"measuring sharpness and speed at initialisation, {missing.Count} {(missing.Count == 1 ? "time" : "times")} ...");
        var running = new List<ChildRun>();
        try
        {
            while (missing.Count + running.Count > 0)
            {
                if (stop())
                    return null;
                while (running.Count < jobs && missing.TryDequeue(out var spec))
                    running.Add(ChildRun.Start(ChildProgram.Of("probe-child", verbose), spec, new RunFolder(folder.Path)));
                foreach (var child in running.Where(child => child.Wait(TimeSpan.FromMilliseconds(20))).ToArray())
                {
                    var probe = Answer(child.End());
                    running.Remove(child);
                    child.Dispose();
                    known[probe.Id] = probe;
                    writer?.Append(probe);
                }
            }
            return known;
        }
        finally
        {
            foreach (var child in running)
                child.Kill();
        }
    }

    private static ProbeRecord Answer(ChildEnd end)
    {
        var answer = end.ExitCode == Exit.Done ? end.LastWords.Select(line => RunJson.Read<ProbeRecord>(Encoding.UTF8.GetBytes(line))).LastOrDefault(probe => probe?.Id is not null) : null;
        return answer ?? throw new RunFolderException(end.ExitCode == Exit.WrongInput
            ? string.Join("\n", end.LastWords)
            : $"The measurement at initialisation failed: {end.Reason}. {string.Join("\n", end.LastWords)}");
    }
}
