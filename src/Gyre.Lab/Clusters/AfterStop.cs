namespace Gyre.Lab.Clusters;

/// <summary>What a task that was told to end should see to.</summary>
internal enum AfterStop
{
    /// <summary>Ask for its own requeue.</summary>
    Requeue,

    /// <summary>Nothing: Slurm is starting it again already.</summary>
    Requeued,

    /// <summary>Nothing: a person has cancelled it.</summary>
    Canceled,

    /// <summary>Nothing: what is not known is left to whoever follows the sweep.</summary>
    Unknown,
}

/// <summary>
/// Why a task was told to end, from the signal and from what the controller says at that moment (seen with Slurm
/// 22.05): a requeue has raised the number of restarts, a time limit is the reason,
/// a cancelled job completes without either, and a signal that somebody sent by hand leaves the job running.
/// </summary>
internal static class StopReasons
{
    /// <summary>Decides.</summary>
    /// <param name="warned">Whether SIGUSR1 came: the time limit is near.</param>
    /// <param name="state">Null where the controller does not answer.</param>
    /// <param name="restarts">Of this process's own attempt.</param>
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
