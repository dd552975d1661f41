namespace Gyre.Lab.Sweeps;

/// <summary>What brings the cells of a sweep to their end: processes of this machine, or jobs of a cluster.</summary>
internal interface ISweepEngine
{
    /// <summary>Every cell, in the plan's order.</summary>
    IReadOnlyList<CellProgress> Cells { get; }

    /// <summary>What else is to be said of how it goes, in a few words; null for nothing.</summary>
    string? Remark { get; }

    /// <summary>
    /// Does one turn: notes what ended, starts what can start. Call it again and again until it returns an end.
    /// </summary>
    /// <param name="stop">Asks for an end.</param>
    /// <returns>Null while there is work.</returns>
    SweepEnd? Turn(bool stop);
}
