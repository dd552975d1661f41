namespace Gyre.Lab.RunFiles;

/// <summary>
/// Reads a run folder, finished or not, while it is written or after, without a lock. A torn last line is left out, and
/// so is a line that is not a record; <see cref="Flaws"/> says where there are such. Every call reads and parses its
/// file anew: keep what it returns, or take the records one by one where a run may be long.
/// </summary>
internal sealed class RunReader
{
    private RunReader(RunFolder folder) => Folder = folder;

    /// <summary>The folder.</summary>
    public RunFolder Folder { get; }

    /// <summary>The resolved spec as TOML.</summary>
    public string ReadSpecText() => FolderFile.Text(Folder.Spec);

    /// <summary>steps.jsonl.</summary>
    public IReadOnlyList<StepRecord> ReadSteps() => [.. EachStep()];

    /// <summary>curvature.jsonl.</summary>
    public IReadOnlyList<CurvatureRecord> ReadCurvature() => [.. EachCurvature()];

    /// <summary>events.jsonl.</summary>
    public IReadOnlyList<EventRecord> ReadEvents() => [.. EachEvent()];

    /// <summary>timings.jsonl.</summary>
    public IReadOnlyList<TimingRecord> ReadTimings() => Lines<TimingRecord>(Folder.Timings);

    /// <summary>sessions.jsonl.</summary>
    public IReadOnlyList<SessionRecord> ReadSessions() => Lines<SessionRecord>(Folder.Sessions);

    /// <summary>summary.json, or null while the run is unfinished.</summary>
    public SummaryRecord? ReadSummary() => Folder.ReadSummary();

    /// <summary>environment.json, or null where it cannot be read.</summary>
    public EnvironmentRecord? ReadEnvironment() => Whole<EnvironmentRecord>(Folder.Environment);

    /// <summary>steps.jsonl, read piece by piece: for runs of any length.</summary>
    public IEnumerable<StepRecord> EachStep() =>
        Rising(new JsonLinesTail<StepRecord>(Folder.Steps).Each(), record => record.Step);

    /// <summary>curvature.jsonl, read piece by piece.</summary>
    public IEnumerable<CurvatureRecord> EachCurvature() =>
        Rising(new JsonLinesTail<CurvatureRecord>(Folder.Curvature).Each().Where(IsWhole), record => record.Step);

    /// <summary>events.jsonl, read piece by piece.</summary>
    public IEnumerable<EventRecord> EachEvent() => new JsonLinesTail<EventRecord>(Folder.Events).Each();

    /// <summary>timings.jsonl, read piece by piece.</summary>
    public IEnumerable<TimingRecord> EachTiming() => new JsonLinesTail<TimingRecord>(Folder.Timings).Each();

    /// <summary>Opens a run folder.</summary>
    /// <exception cref="RunFolderException">Not a run folder, or of a newer format.</exception>
    public static RunReader Open(string path)
    {
        var folder = new RunFolder(path);
        folder.Check();
        return new RunReader(folder);
    }

    /// <summary>
    /// What in the folder is missing, unreadable or changed, one sentence each; empty for a sound one, finished or not.
    /// </summary>
    public IReadOnlyList<string> Flaws() => RunFlaws.Find(this);

    private static IReadOnlyList<T> Lines<T>(string path)
        where T : class => [.. new JsonLinesTail<T>(path).Each()];

    /// <summary>
    /// Whether no list in a measurement holds a null: the reader of JSON sees to all but what is in lists.
    /// </summary>
    internal static bool IsWhole(CurvatureRecord record) => record.LayerShares.Values.All(shares => shares is not null);

    /// <summary>A step that was seen already is left out: a line that somebody doubled would count twice.</summary>
    private static IEnumerable<T> Rising<T>(IEnumerable<T> records, Func<T, long> step)
    {
        var last = -1L;
        foreach (var record in records.Where(record => step(record) > last))
        {
            last = step(record);
            yield return record;
        }
    }

    private static T? Whole<T>(string path)
        where T : class => Path.Exists(path) ? RunJson.Read<T>(FolderFile.Bytes(path)) : null;
}

/// <summary>Follows a file of JSON lines as it grows: each poll returns the whole records that are new.</summary>
/// <typeparam name="T">The record.</typeparam>
/// <param name="path">The file; it need not be there yet.</param>
internal sealed class JsonLinesTail<T>(string path)
    where T : class
{
    private const long Piece = 1 << 20;
    private const long MostPiece = 1 << 28; // bytes of one line

    private long _position;

    /// <summary>The file.</summary>
    public string Path => path;

    /// <summary>Lines so far that were not such a record.</summary>
    public int Unreadable { get; private set; }

    /// <summary>
    /// The number of the first of them, from 1; 0 where there is none, or the file was cut meanwhile.
    /// </summary>
    public long FirstUnreadable { get; private set; }

    /// <summary>What is said of them, by the file's name; null where there are none.</summary>
    public string? Flaw =>
        Unreadable > 0 ? LineFlaw.Describe(System.IO.Path.GetFileName(path), Unreadable, FirstUnreadable) : null;

    private long _lines; // read so far

    /// <summary>
    /// What has come since the last poll. Where the file was cut (by a resume), reading goes on at its new end.
    /// </summary>
    public IReadOnlyList<T> Poll() => [.. Each()];

    /// <summary>
    /// The records from the last poll's end to the file's, in pieces: of a file of any length only about a megabyte is
    /// in memory.
    /// </summary>
    /// <param name="piece">Bytes to read at a time; more where a line is longer.</param>
    public IEnumerable<T> Each(long piece = Piece)
    {
        for (var (more, most) = (true, piece); more; )
        {
            var before = _position;
            (var records, more) = Poll(most);
            foreach (var record in records)
                yield return record;
            most = _position > before ? piece : Longer(most);
        }
    }

    private long Longer(long piece) =>
        piece < MostPiece
            ? piece * 2
            : throw new RunFolderException(
                $"{path} has a line of more than {MostPiece >> 20} MB at byte {_position}: it is no file of "
                    + "this program."
            );

    /// <summary>Reads at most a number of bytes, and says whether there are more.</summary>
    private (List<T> Records, bool More) Poll(long most)
    {
        try
        {
            if (!File.Exists(path))
                return ([], false);
            using var stream = FolderFile.Open(path);
            var length = stream.Length; // asked once: a resume may cut the file at any moment
            // cut: lines have no numbers any more
            (_position, _lines) = length < _position ? (length, long.MinValue) : (_position, _lines);
            stream.Seek(_position, SeekOrigin.Begin);
            var (rest, bytes) = (length - _position, new byte[Math.Min(most, length - _position)]);
            var read = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            return (Records(bytes.AsSpan(0, read)), rest > bytes.Length);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new RunFolderException($"{path} cannot be read: {error.Message}", error);
        }
    }

    private List<T> Records(ReadOnlySpan<byte> bytes)
    {
        var records = new List<T>();
        for (int end; (end = bytes.IndexOf((byte)'\n')) >= 0; bytes = bytes[(end + 1)..])
        {
            (_position, _lines) = (_position + end + 1, _lines + 1);
            if (RunJson.Read<T>(bytes[..end]) is { } record)
                records.Add(record);
            else if (Unreadable++ == 0)
                FirstUnreadable = _lines;
        }
        return records;
    }
}
