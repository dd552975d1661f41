using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Gyre.Lab.Mpi;

namespace Gyre.App.Processes;

/// <summary>
/// This process as one of several that a launcher started for one run: the first, which reports and writes, or another,
/// which is silent unless it fails.
/// </summary>
internal sealed class MpiProcess
{
    private const PosixSignal OtherFailed = (PosixSignal)12; // SIGUSR2

    private static readonly TimeSpan FirstReport = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan TellPatience = TimeSpan.FromSeconds(10);

    /// <summary>A run is shared; the doctor looks at each process's own machine.</summary>
    private static readonly string[] Shareable = ["run", "doctor"];
    private static readonly string[] HelpOptions = ["--help", "-h", "--version", "-v"];

    // Of the process, as its signals are, and to its very end: one that came too late to be heard would kill it.
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

    /// <summary>Whether another rank has told that it failed.</summary>
    public static bool OtherHasFailed => FailureElsewhere.IsSet;

    /// <summary>Whether it is the first.</summary>
    public bool Leads => _launcher.Rank == 0;

    /// <summary>How many share the run, after its description; nothing where the launcher does not say.</summary>
    public string Sharing => _launcher.Count > 1 ? $" · {_launcher.Count} ranks" : "";

    /// <summary>From what a launcher left in the environment; null where none started several processes.</summary>
    public static MpiProcess? Find() =>
        Launcher.Find(Environment.GetEnvironmentVariable) is { Several: true } launcher ? new(launcher) : null;

    /// <summary>Names the process that computed for this rank.</summary>
    /// <param name="process">Its id.</param>
    public string Describe(int process)
    {
        var count = _launcher.Count > 1 ? $" of {_launcher.Count}" : "";
        var id = process.ToString(CultureInfo.InvariantCulture);
        return $"Rank {_launcher.Rank}{count} (process {id} on {Environment.MachineName})";
    }

    /// <summary>
    /// Open MPI gives its processes a terminal each, to which .NET would say how it wants its keys. Call before
    /// anything is written.
    /// </summary>
    public static void SilenceTerminal()
    {
        if (Launcher.Find(Environment.GetEnvironmentVariable) is { Several: true })
            Environment.SetEnvironmentVariable("TERM", "dumb");
    }

    /// <summary>
    /// Why a command must not be started as one of several processes, which would each do all of it in the same folder:
    /// a sentence for the first of them, nothing for the others; null where it may.
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
                + "is shared by several: each of them would do all of it. Give the command once, without "
                + $"{launcher.Name}.";
    }

    /// <summary>
    /// Lets the other ranks end, silently, where the launcher does not see to it. Open MPI's mpirun does when one of
    /// its processes fails; srun only with --kill-on-bad-exit; MPICH's mpirun only when that process had entered MPI.
    /// The others would wait for this rank for ever.
    /// </summary>
    /// <param name="exitCode">Of this rank, and so of the job.</param>
    public void EndOthers(int exitCode)
    {
        if (OtherHasFailed)
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

    /// <summary>Does something when another rank tells that it has failed, or at once if it has told already.</summary>
    public static void OnFailureElsewhere(Action act)
    {
        onFailureElsewhere = act;
        if (FailureElsewhere.IsSet)
            act();
    }

    /// <summary>
    /// What is wrong for all is reported once: the first reports it, and the others are ended or told. What is wrong
    /// here alone is reported after that.
    /// </summary>
    /// <returns>Whether it is this rank's to report.</returns>
    public bool MayReport() => Leads || !FailureElsewhere.Wait(FirstReport);

    private static void Receive(PosixSignalContext signal)
    {
        signal.Cancel = true;
        FailureElsewhere.Set();
        onFailureElsewhere?.Invoke();
    }
}
