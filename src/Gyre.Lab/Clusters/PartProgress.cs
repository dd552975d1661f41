using Gyre.Lab.RunFiles;
using Gyre.Lab.Sweeps;

namespace Gyre.Lab.Clusters;

/// <summary>A part as the cluster works on it.</summary>
internal sealed class PartProgress(ClusterPart part)
{
    /// <summary>The part.</summary>
    public ClusterPart Part { get; } = part;

    /// <summary>How far.</summary>
    public CellState State { get; internal set; }

    /// <summary>How often it was in no queue and not done.</summary>
    public int Losses { get; internal set; }

    /// <summary>Why it failed, was stopped, or is submitted again; null else.</summary>
    public string? Reason { get; internal set; }

    /// <summary>The task that has it, waiting or working; null where none is in the queue.</summary>
    public QueuedTask? Task { get; internal set; }

    /// <summary>Its latest place: submission and task; null where it was never submitted.</summary>
    public (SubmissionRecord Submission, int Index)? Place { get; internal set; }

    /// <summary>When it was last known to be in the queue.</summary>
    internal long SeenAt { get; set; }

    /// <summary>Whether nothing further happens to it by itself.</summary>
    internal bool Over => State is CellState.Done or CellState.Failed or CellState.Interrupted;
}
