using System.Globalization;
using System.Runtime.InteropServices;
using Gyre.App.Terminal;
using Gyre.Lab.Clusters;
using Gyre.Lab.RunFiles;

namespace Gyre.App.Processes;

/// <summary>
/// The process that a Slurm job runs: one unit of a sweep's work. When asked to stop, it writes checkpoints and makes
/// Slurm restart it, unless a person canceled it.
/// </summary>
internal static class SweepTaskChild
{
    public const string Name = ArrayScript.Command;

    private static readonly PosixSignal Warning = (PosixSignal)10; // SIGUSR1 on Linux, where Slurm runs

    public static int Execute(string[] arguments, StopSignals signals)
    {
        if (
            arguments is not [_, var path, var number]
            || !int.TryParse(number, CultureInfo.InvariantCulture, out var submission)
            || Variable("SLURM_ARRAY_JOB_ID") is not { } array
            || !int.TryParse(Variable("SLURM_ARRAY_TASK_ID"), CultureInfo.InvariantCulture, out var index)
        )
        {
            Console.Error.WriteLine(
                "This command is for Slurm jobs: `gyre sweep --on slurm` creates and submits their script."
            );
            return Exit.WrongInput;
        }
        var folder = new SweepFolder(path);
        var attempt = new AttemptNumber(
            submission,
            int.TryParse(Variable("SLURM_RESTART_COUNT"), CultureInfo.InvariantCulture, out var restarts) ? restarts : 0
        );
        var task = $"{array}_{index.ToString(CultureInfo.InvariantCulture)}";
        Say($"{task} on {Environment.MachineName}, {attempt}");
        signals.Listen(PosixSignal.SIGTERM, Warning);
        var unit = folder.Cluster.ReadUnits(submission)[index];
        if (
            new UnitTask(
                folder,
                unit,
                attempt,
                task,
                ChildProgram.GetCommandLine(RunChild.Name, verbose: false),
                ChildProgram.GetCommandLine(CalibrationChild.Name, verbose: false),
                Say
            ).Run(signals.Token)
        )
            return Exit.Done;
        return Stopped(folder, attempt, index, task, signals.HaveReceived(Warning));
    }

    private static int Stopped(SweepFolder folder, AttemptNumber attempt, int index, string task, bool warned)
    {
        var slurm = new Slurm();
        var after = StopReasons.Decide(warned, slurm.StateOf(task, Variable("SLURM_JOB_NAME") ?? ""), attempt.Restart);
        switch (after)
        {
            case AfterStop.Requeue:
                Say(
                    slurm.Requeue(task) is { } refusal
                        ? $"stopped at a checkpoint; Slurm does not restart it: {refusal}"
                        : "stopped at a checkpoint; Slurm restarts it"
                );
                break;
            case AfterStop.Canceled:
                // otherwise `gyre sweep --cancel` has written the note
                if (ClusterFolder.Read<TaskNote>(folder.Cluster.Stopped(attempt.Submission, index)) is null)
                    ClusterFolder.Write(
                        folder.Cluster.Stopped(attempt.Submission, index),
                        new TaskNote(
                            task,
                            attempt.ToString(),
                            $"job {task} was canceled from outside; the same command with --on slurm resumes"
                        )
                    );
                Say("canceled; stopped at a checkpoint");
                break;
            default:
                Say("stopped at a checkpoint");
                break;
        }
        return Exit.Done;
    }

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name);

    /// <summary>Prints a line with the time, because the file is read later.</summary>
    private static void Say(string line) =>
        Console.Out.WriteLine($"{TimeProvider.System.GetUtcNow():yyyy-MM-ddTHH:mm:ssZ} {line}");
}
