namespace Gyre.Lab.RunFiles;

/// <summary>Kinds of lines in sessions.jsonl, as the file names them.</summary>
internal static class SessionKinds
{
    /// <summary>A run begins at its initialization.</summary>
    public const string Started = "started";

    /// <summary>A run resumes from a checkpoint.</summary>
    public const string Resumed = "resumed";

    /// <summary>A run takes its first steps from another run, or records why it does not.</summary>
    public const string Forked = "forked";

    /// <summary>A checkpoint could not be used.</summary>
    public const string Skipped = "skipped";

    /// <summary>A remark on the device's memory.</summary>
    public const string Memory = "memory";

    /// <summary>The files of another attempt became those of the run.</summary>
    public const string TakenOver = "taken_over";

    /// <summary>A checkpoint of another program's training was not measured.</summary>
    public const string PassedOver = "passed_over";

    /// <summary>A remark on such a checkpoint: a conversion, an omission, or a comparison.</summary>
    public const string Remark = "remark";

    /// <summary>Kinds whose details are relevant to a reader of results.</summary>
    private static readonly string[] Notes = [SessionRecord.DataKind, Remark, PassedOver];

    /// <summary>
    /// Returns the remarks of a run's processes on its data, weights and checkpoints: one sentence each, without
    /// duplicates.
    /// </summary>
    public static IReadOnlyList<string> NotesOf(IEnumerable<SessionRecord> sessions) =>
        [
            .. sessions
                .Where(session => Notes.Contains(session.Kind))
                .Select(session => session.Detail)
                .OfType<string>()
                .Distinct(StringComparer.Ordinal),
        ];

    /// <summary>A checkpoint was written.</summary>
    public const string Checkpoint = "checkpoint";

    /// <summary>A process was stopped from outside.</summary>
    public const string Interrupted = "interrupted";

    /// <summary>The process died.</summary>
    public const string Failed = "failed";

    /// <summary>Memory ran out.</summary>
    public const string OutOfMemory = "out_of_memory";

    /// <summary>The last step is done.</summary>
    public const string Ended = "ended";
}
