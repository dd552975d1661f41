using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Gyre.App.Terminal;
using Gyre.Lab.Mpi;
using Spectre.Console;

namespace Gyre.App.Processes;

/// <summary>
/// Which part this process has in a run: the only one, the first of several, which speaks and writes, or another, which
/// is silent unless it fails.
/// </summary>
internal sealed class RankSeat
{
    private const PosixSignal OtherFailed = (PosixSignal)12; // SIGUSR2

    private static readonly TimeSpan FirstWord = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan TellPatience = TimeSpan.FromSeconds(10);

    /// <summary>A run is shared; the doctor looks at each process's own machine.</summary>
    private static readonly string[] Shareable = ["run", "doctor"];
    private static readonly string[] HelpOptions = ["--help", "-h", "--version", "-v"];

    private readonly Launcher? _launcher;

    // Of the process, as its signals are, and to its very end: one that came too late to be heard would kill it.
    private static readonly ManualResetEventSlim SomeoneFailed = new();
    private static PosixSignalRegistration? hearing;
    private static Action? whenTold;

    private RankSeat(Launcher? launcher)
    {
        _launcher = launcher is { Several: true } ? launcher : null;
        if (_launcher?.Step is not null)
            hearing ??= PosixSignalRegistration.Create(OtherFailed, Hear);
        // A launcher passes lines on: nothing is redrawn, and the others' lines go nowhere.
        Console = _launcher is null ? AnsiConsole.Console : Voice.Plain(Leads ? System.Console.Out : TextWriter.Null);
    }

    /// <summary>Whether another rank has told that it failed.</summary>
    public static bool Told => SomeoneFailed.IsSet;

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
    /// <param name="process">Id of the process that computed.</param>
    public string Words(int process) =>
        $"Rank {_launcher?.Rank ?? 0}{(_launcher is { Count: > 1 } ? $" of {_launcher.Count}" : "")} (process "
        + $"{process.ToString(CultureInfo.InvariantCulture)} on {Environment.MachineName})";

    /// <summary>
    /// Open MPI gives its processes a terminal each, to which .NET would say how it wants its keys. Call before
    /// anything is written.
    /// </summary>
    public static void Quieten()
    {
        if (Launcher.Find(Environment.GetEnvironmentVariable) is { Several: true })
            Environment.SetEnvironmentVariable("TERM", "dumb");
    }

    /// <summary>
    /// Why a command must not be started as one of several processes, which would each do all of it in the same folder:
    /// a sentence for the first of them, nothing for the others; null where it may.
    /// </summary>
    public static string? Refusal(string[] arguments) =>
        Launcher.Find(Environment.GetEnvironmentVariable) is { Count: > 1 } launcher
        && arguments is [var command, ..]
        && !Shareable.Contains(command)
        && !arguments.Any(HelpOptions.Contains)
            ? launcher.Rank == 0
                ? $"{launcher.Name} started {launcher.Count} processes of `gyre {command}`, but only `gyre run` "
                    + "is shared by several: each of them would do all of it. Give the command once, without "
                    + $"{launcher.Name}."
                : ""
            : null;

    /// <summary>From what a launcher left in the environment.</summary>
    public static RankSeat Find() => new(Launcher.Find(Environment.GetEnvironmentVariable));

    /// <summary>
    /// Lets the other ranks end, silently, where the launcher does not see to it. Open MPI's mpirun does when one of
    /// its processes fails; srun only with --kill-on-bad-exit; MPICH's mpirun only when that process had entered MPI.
    /// The others would wait for this rank for ever.
    /// </summary>
    /// <param name="exitCode">Of this rank, and so of the job.</param>
    public void TellTheOthers(int exitCode)
    {
        if (_launcher is null || Told)
            return;
        if (_launcher.Step is { } step)
            Start(
                "The other ranks still wait, and scancel is not to be found here. End the step, scancel "
                    + $"{step}, or start with `srun --kill-on-bad-exit=1`.",
                "scancel",
                "--signal=USR2",
                step
            );
        else if (_launcher.OpenMpi == false)
            Start(
                "The other ranks may still wait; end the job by Ctrl-C.",
                ChildProgram.Of(
                    RunChild.Name,
                    verbose: false,
                    RunChild.SharedOption,
                    RunChild.AbortOption,
                    exitCode.ToString(CultureInfo.InvariantCulture)
                )
            );
    }

    private static void Start(string otherwise, params string[] command)
    {
        try
        {
            using var teller = Process.Start(
                new ProcessStartInfo(command[0], command[1..])
                {
                    RedirectStandardInput = true,
                    RedirectStandardError = true,
                    RedirectStandardOutput = true,
                }
            )!;
            if (!teller.WaitForExit(TellPatience))
                teller.Kill();
        }
        catch (Win32Exception)
        {
            System.Console.Error.WriteLine(otherwise);
        }
    }

    /// <summary>Does something when another rank tells that it has failed, or at once if it has told already.</summary>
    public static void WhenTold(Action act)
    {
        whenTold = act;
        if (SomeoneFailed.IsSet)
            act();
    }

    /// <summary>
    /// What is wrong for all is said once: the first says it, and the others are ended or told. What is wrong here
    /// alone is said after that.
    /// </summary>
    /// <returns>Whether it is this rank's to say.</returns>
    public bool MaySpeak() => Leads || !SomeoneFailed.Wait(FirstWord);

    private static void Hear(PosixSignalContext signal)
    {
        signal.Cancel = true;
        SomeoneFailed.Set();
        whenTold?.Invoke();
    }
}
