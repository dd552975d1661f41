namespace Gyre.Lab.Clusters;

/// <summary>The action that a task takes after a stop signal.</summary>
internal enum AfterStop
{
    /// <summary>The task requests its own requeue.</summary>
    Requeue,

    /// <summary>No action: Slurm is already restarting the task.</summary>
    Requeued,

    /// <summary>No action: a user canceled the task.</summary>
    Canceled,

    /// <summary>No action: the cause is unknown, so the command that follows the sweep decides.</summary>
    Unknown,
}

/// <summary>
/// Determines why a task received a stop signal, from the signal and from the controller's answer at that moment
/// (observed with Slurm 22.05). A requeue has raised the number of restarts, and a time limit is the reported reason.
/// A canceled job is completing with neither, and a signal sent by hand leaves the job running.
/// </summary>
internal static class StopReasons
{
    /// <param name="warned">Whether SIGUSR1 arrived: the time limit is near.</param>
    /// <param name="state">The task's state; null if the controller does not answer.</param>
    /// <param name="restarts">The restart count of this process's own attempt.</param>
    public static AfterStop Decide(bool warned, TaskState? state, int restarts) =>
        state switch
        {
            null => warned ? AfterStop.Requeue : AfterStop.Unknown,
            _ when state.Restarts > restarts => AfterStop.Requeued,
            { State: "RUNNING" } => AfterStop.Requeue,
            { Reason: "TimeLimit" } => AfterStop.Requeue,
            { State: "COMPLETING" or "CANCELLED" } => AfterStop.Canceled,
            _ => AfterStop.Unknown,
        };
}
