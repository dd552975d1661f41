namespace Gyre.Lab.Sweeps;

/// <summary>The state of a cell.</summary>
internal enum CellState
{
    /// <summary>It is still to be done.</summary>
    Waiting,

    /// <summary>A process is working on it.</summary>
    Running,

    /// <summary>Its summary is written.</summary>
    Done,

    /// <summary>Its process died too often, or cannot begin.</summary>
    Failed,

    /// <summary>It was stopped from outside; the same command resumes it.</summary>
    Interrupted,
}

/// <summary>The progress of a cell during a sweep.</summary>
internal sealed class CellProgress(PlannedCell cell)
{
    public PlannedCell Cell { get; } = cell;

    public CellState State { get; internal set; }

    /// <summary>Whether it was done before this command.</summary>
    public bool DoneBefore { get; internal set; }

    /// <summary>The number of processes that died on it.</summary>
    public int Deaths { get; internal set; }

    /// <summary>Why it failed or is retried; otherwise null.</summary>
    public string? Reason { get; internal set; }
}
