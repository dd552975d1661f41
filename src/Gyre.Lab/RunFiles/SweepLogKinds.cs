namespace Gyre.Lab.RunFiles;

/// <summary>Kinds of lines in a sweep's log.jsonl, as the file names them.</summary>
internal static class SweepLogKinds
{
    /// <summary>The sweep is planned, for the first time or again.</summary>
    public const string Planned = "planned";

    /// <summary>A cell's process starts.</summary>
    public const string Started = "started";

    /// <summary>A cell is finished.</summary>
    public const string Done = "done";

    /// <summary>A cell's process died, and the cell is restarted.</summary>
    public const string Retried = "retried";

    /// <summary>A cell is given up.</summary>
    public const string Failed = "failed";

    /// <summary>The sweep, or a cell, was stopped from outside.</summary>
    public const string Interrupted = "interrupted";

    /// <summary>Every cell is done or given up.</summary>
    public const string Ended = "ended";
}
