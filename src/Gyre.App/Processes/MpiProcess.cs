using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Gyre.Lab.Mpi;

namespace Gyre.App.Processes;

/// <summary>
/// This process as one of several that a launcher started for one run: either the first, which reports and writes, or
/// another, which is silent unless it fails.
/// </summary>
internal sealed class MpiProcess
{
    private const PosixSignal OtherFailed = (PosixSignal)12; // SIGUSR2

    private static readonly TimeSpan FirstReport = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan TellPatience = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Commands that several processes may execute: they share a run, and the doctor examines each process's own
    /// machine.
    /// </summary>
    private static readonly string[] Shareable = ["run", "doctor"];
    private static readonly string[] HelpOptions = ["--help", "-h", "--version", "-v"];

    // Static and never released, like the process's signals: one that arrives without a handler would kill it.
    private static readonly ManualResetEventSlim FailureElsewhere = new();
    private static PosixSignalRegistration? registration;
    private static Action? onFailureElsewhere;

    private readonly Launcher _launcher;

    private MpiProcess(Launcher launcher)
    {
        _launcher = launcher;
        if (launcher.Step is not null)
            registration ??= PosixSignalRegistration.Create(OtherFailed, Receive);
    }

    /// <summary>Whether another rank has signaled its failure.</summary>
    public static bool OtherHasFailed => FailureElsewhere.IsSet;

    /// <summary>Whether this is the first rank.</summary>
    public bool Leads => _launcher.Rank == 0;

    /// <summary>
    /// The number of ranks that share the run, to append to its description; empty if the launcher does not report
    /// it.
    /// </summary>
    public string Sharing => _launcher.Count > 1 ? $" · {_launcher.Count} ranks" : "";

    /// <summary>
    /// Returns this process as the launcher's environment describes it; null if no launcher started several
    /// processes.
    /// </summary>
    public static MpiProcess? Find() =>
        Launcher.Find(Environment.GetEnvironmentVariable) is { Several: true } launcher ? new(launcher) : null;

    /// <summary>Describes the process that computed for this rank.</summary>
    /// <param name="process">The id of the process.</param>
    public string Describe(int process)
    {
        var count = _launcher.Count > 1 ? $" of {_launcher.Count}" : "";
        var id = process.ToString(CultureInfo.InvariantCulture);
        return $"Rank {_launcher.Rank}{count} (process {id} on {Environment.MachineName})";
    }

    /// <summary>
    /// Open MPI gives each of its processes a terminal, to which .NET would write escape sequences for its keys. Call
    /// this before any output.
    /// </summary>
    public static void SilenceTerminal()
    {
        if (Launcher.Find(Environment.GetEnvironmentVariable) is { Several: true })
            Environment.SetEnvironmentVariable("TERM", "dumb");
    }

    /// <summary>
    /// Returns the reason why a command must not be started as one of several processes, each of which would do all
    /// of its work in the same folder. The text is empty for all processes but the first; null if the command is
    /// allowed.
    /// </summary>
    public static string? Refusal(string[] arguments)
    {
        if (
            Launcher.Find(Environment.GetEnvironmentVariable) is not { Count: > 1 } launcher
            || arguments is not [var command, ..]
            || Shareable.Contains(command)
            || arguments.Any(HelpOptions.Contains)
        )
            return null;
        return launcher.Rank > 0
            ? ""
            : $"{launcher.Name} started {launcher.Count} processes of `gyre {command}`, but only `gyre run` "
                + "can be shared by several: each of them would do all the work. Give the command once, without "
                + $"{launcher.Name}.";
    }

    /// <summary>
    /// Ends the other ranks, silently, if the launcher does not. Open MPI's mpirun does so when one of its processes
    /// fails, srun only with --kill-on-bad-exit, and MPICH's mpirun only if that process had entered MPI. Otherwise
    /// the other ranks would wait for this rank forever.
    /// </summary>
    /// <param name="exitCode">The exit code of this rank, and therefore of the job.</param>
    public void EndOthers(int exitCode)
    {
        if (OtherHasFailed)
            return;
        if (_launcher.Step is { } step)
            Start(
                "The other ranks still wait, and scancel is not available here. End the step, scancel "
                    + $"{step}, or start with `srun --kill-on-bad-exit=1`.",
                "scancel",
                "--signal=USR2",
                step
            );
        else if (_launcher.OpenMpi == false)
            Start(
                "The other ranks may still wait; end the job with Ctrl-C.",
                ChildProgram.GetCommandLine(
                    RunChild.Name,
                    verbose: false,
                    MpiRunChild.Option,
                    MpiRunChild.AbortOption,
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
            Console.Error.WriteLine(otherwise);
        }
    }

    /// <summary>
    /// Registers an action for the failure of another rank; it runs at once if one has already failed.
    /// </summary>
    public static void OnFailureElsewhere(Action act)
    {
        onFailureElsewhere = act;
        if (FailureElsewhere.IsSet)
            act();
    }

    /// <summary>
    /// Decides which rank reports a failure. A failure of all ranks is reported once, by the first rank, and the
    /// others are ended or signaled. A failure of this rank alone is reported if no other rank reports first.
    /// </summary>
    /// <returns>Whether this rank reports.</returns>
    public bool MayReport() => Leads || !FailureElsewhere.Wait(FirstReport);

    private static void Receive(PosixSignalContext signal)
    {
        signal.Cancel = true;
        FailureElsewhere.Set();
        onFailureElsewhere?.Invoke();
    }
}
