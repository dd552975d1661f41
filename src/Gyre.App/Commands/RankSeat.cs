using System.ComponentModel;
using System.Diagnostics;
using Gyre.Lab.Ranks;
using Spectre.Console;

namespace Gyre.App.Commands;

/// <summary>Which part this process has in a run: the only one, the first of several, which speaks and writes, or another, which is silent unless it fails.</summary>
internal sealed class RankSeat
{
    /// <summary>Time for ranks that fail alike to do so.</summary>
    public static readonly TimeSpan Alike = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan FirstWord = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan CancelPatience = TimeSpan.FromSeconds(10);

    private readonly Launcher? _launcher;

    private RankSeat(Launcher? launcher)
    {
        _launcher = launcher is { Several: true } ? launcher : null;
        // Open MPI gives its processes a terminal each, to which .NET would say how it wants its keys.
        if (_launcher is not null)
            Environment.SetEnvironmentVariable("TERM", "dumb");
        // A launcher passes lines on: nothing is redrawn, and the others' lines go nowhere.
        Console = _launcher is null ? AnsiConsole.Console : AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(Leads ? System.Console.Out : TextWriter.Null),
        });
    }

    /// <summary>Where it speaks.</summary>
    public IAnsiConsole Console { get; }

    /// <summary>Whether a launcher started several.</summary>
    public bool Shared => _launcher is not null;

    /// <summary>Whether it is the first, or the only one.</summary>
    public bool Leads => _launcher is null or { Rank: 0 };

    /// <summary>Options of its child.</summary>
    public string[] Options => Shared ? [RunChild.SharedOption] : [];

    /// <summary>What is added to the line that describes the run.</summary>
    public string Sharing => _launcher is { Count: > 1 } ? $" · {_launcher.Count} ranks" : "";

    /// <summary>Who it is.</summary>
    public string Words => $"Rank {_launcher?.Rank ?? 0}{(_launcher is { Count: > 1 } ? $" of {_launcher.Count}" : "")} (process {Environment.ProcessId} on {Environment.MachineName})";

    /// <summary>From what a launcher left in the environment.</summary>
    public static RankSeat Find() => new(Launcher.Find(Environment.GetEnvironmentVariable));

    /// <summary>
    /// Ends the job where the launcher does not by itself: mpirun ends it when one of its processes fails, srun only with --kill-on-bad-exit, and the others would wait for this rank for ever.
    /// </summary>
    /// <param name="patience">Time for the others to come to the same end by themselves.</param>
    public void EndTheOthers(TimeSpan patience)
    {
        if (_launcher?.Step is not { } step)
            return;
        Thread.Sleep(patience);
        try
        {
            using var scancel = Process.Start(new ProcessStartInfo("scancel", ["--signal=KILL", step]) { RedirectStandardError = true, RedirectStandardOutput = true });
            scancel?.WaitForExit(CancelPatience);
        }
        catch (Win32Exception)
        {
            System.Console.Error.WriteLine($"The other ranks still wait. Where scancel is not to be found, start with `srun --kill-on-bad-exit=1`; or end the step: scancel {step}.");
        }
    }

    /// <summary>What is wrong for all is said once: the launcher ends the others when the first has said it. What is wrong here alone is said after that.</summary>
    public void LetTheFirstSpeak()
    {
        if (!Leads)
            Thread.Sleep(FirstWord);
    }
}
