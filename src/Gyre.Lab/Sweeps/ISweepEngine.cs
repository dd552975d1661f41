namespace Gyre.Lab.Sweeps;

/// <summary>Completes the cells of a sweep, as processes on this machine or as jobs of a cluster.</summary>
internal interface ISweepEngine
{
    /// <summary>Every cell, in the plan's order.</summary>
    IReadOnlyList<CellProgress> Cells { get; }

    /// <summary>A short remark on the progress; null if there is none.</summary>
    string? Remark { get; }

    /// <summary>
    /// Does one turn: records the cells that ended and starts those that can start. Call it repeatedly until it
    /// returns an end.
    /// </summary>
    /// <param name="stop">Requests a stop.</param>
    /// <returns>Null while there is work left.</returns>
    SweepEnd? Turn(bool stop);
}
