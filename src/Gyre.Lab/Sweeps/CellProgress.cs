namespace Gyre.Lab.Sweeps;

/// <summary>How far a cell is.</summary>
internal enum CellState
{
    /// <summary>To be done.</summary>
    Waiting,

    /// <summary>A process works on it.</summary>
    Running,

    /// <summary>Its summary is written.</summary>
    Done,

    /// <summary>Its process died too often, or cannot begin.</summary>
    Failed,

    /// <summary>Stopped from outside; the same command goes on.</summary>
    Interrupted,
}

/// <summary>A cell as a sweep goes on.</summary>
internal sealed class CellProgress(PlannedCell cell)
{
    /// <summary>From the plan.</summary>
    public PlannedCell Cell { get; } = cell;

    /// <summary>How far.</summary>
    public CellState State { get; internal set; }

    /// <summary>Whether it was done before this command.</summary>
    public bool DoneBefore { get; internal set; }

    /// <summary>Processes that died on it.</summary>
    public int Deaths { get; internal set; }

    /// <summary>Why it failed, or why it is tried again; null else.</summary>
    public string? Reason { get; internal set; }
}
