using Gyre.Lab.RunFiles;
using Gyre.Lab.Sweeps;

namespace Gyre.Lab.Clusters;

/// <summary>The progress of a part on the cluster.</summary>
internal sealed class PartProgress(ClusterPart part)
{
    public ClusterPart Part { get; } = part;

    public CellState State { get; internal set; }

    /// <summary>How many times the part was neither in a queue nor done.</summary>
    public int Losses { get; internal set; }

    /// <summary>Why it failed, was stopped, or is resubmitted; otherwise null.</summary>
    public string? Reason { get; internal set; }

    /// <summary>The task that contains it, pending or running; null if there is none in the queue.</summary>
    public QueuedTask? Task { get; internal set; }

    /// <summary>Its latest submission and the task's index there; null if it was never submitted.</summary>
    public (SubmissionRecord Submission, int Index)? Place { get; internal set; }

    /// <summary>The timestamp at which it was last known to be in the queue.</summary>
    internal long SeenAt { get; set; }

    /// <summary>Whether nothing further happens to it on its own.</summary>
    internal bool Over => State is CellState.Done or CellState.Failed or CellState.Interrupted;
}
