namespace Gyre.Lab.RunFiles;

/// <summary>
/// Reads a run folder, finished or not, during or after writing, without a lock. A torn last line is left out, and so
/// is any line that is not a valid record; <see cref="Flaws"/> reports such lines. Every call reads and parses its
/// file again: keep the result, or enumerate the records one by one if a run may be long.
/// </summary>
internal sealed class RunReader
{
    private RunReader(RunFolder folder) => Folder = folder;

    public RunFolder Folder { get; }

    /// <summary>Reads the resolved spec as TOML.</summary>
    public string ReadSpecText() => FolderFile.Text(Folder.Spec);

    /// <summary>Reads steps.jsonl.</summary>
    public IReadOnlyList<StepRecord> ReadSteps() => [.. EachStep()];

    /// <summary>Reads curvature.jsonl.</summary>
    public IReadOnlyList<CurvatureRecord> ReadCurvature() => [.. EachCurvature()];

    /// <summary>Reads events.jsonl.</summary>
    public IReadOnlyList<EventRecord> ReadEvents() => [.. EachEvent()];

    /// <summary>Reads timings.jsonl.</summary>
    public IReadOnlyList<TimingRecord> ReadTimings() => Lines<TimingRecord>(Folder.Timings);

    /// <summary>Reads sessions.jsonl.</summary>
    public IReadOnlyList<SessionRecord> ReadSessions() => Lines<SessionRecord>(Folder.Sessions);

    /// <summary>Reads summary.json; null while the run is unfinished.</summary>
    public SummaryRecord? ReadSummary() => Folder.ReadSummary();

    /// <summary>Reads environment.json; null if it is missing or not valid.</summary>
    public EnvironmentRecord? ReadEnvironment() => Whole<EnvironmentRecord>(Folder.Environment);

    /// <summary>Reads steps.jsonl piece by piece, for runs of any length.</summary>
    public IEnumerable<StepRecord> EachStep() =>
        Rising(new JsonLinesTail<StepRecord>(Folder.Steps).Each(), record => record.Step);

    /// <summary>Reads curvature.jsonl piece by piece.</summary>
    public IEnumerable<CurvatureRecord> EachCurvature() =>
        Rising(new JsonLinesTail<CurvatureRecord>(Folder.Curvature).Each().Where(IsWhole), record => record.Step);

    /// <summary>Reads events.jsonl piece by piece.</summary>
    public IEnumerable<EventRecord> EachEvent() => new JsonLinesTail<EventRecord>(Folder.Events).Each();

    /// <summary>Reads timings.jsonl piece by piece.</summary>
    public IEnumerable<TimingRecord> EachTiming() => new JsonLinesTail<TimingRecord>(Folder.Timings).Each();

    /// <exception cref="RunFolderException">The path is not a run folder, or has a newer format.</exception>
    public static RunReader Open(string path)
    {
        var folder = new RunFolder(path);
        folder.Check();
        return new RunReader(folder);
    }

    /// <summary>
    /// Returns one sentence per missing, unreadable or changed file; empty for a sound folder, finished or not.
    /// </summary>
    public IReadOnlyList<string> Flaws() => RunFlaws.Find(this);

    private static IReadOnlyList<T> Lines<T>(string path)
        where T : class => [.. new JsonLinesTail<T>(path).Each()];

    /// <summary>
    /// Whether no list in a measurement is null. The JSON reader checks everything except the elements of
    /// collections.
    /// </summary>
    internal static bool IsWhole(CurvatureRecord record) => record.LayerShares.Values.All(shares => shares is not null);

    /// <summary>Skips a step that has already been read, so that a duplicated line does not count twice.</summary>
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

/// <summary>Follows a JSON Lines file as it grows: each poll returns the complete records that are new.</summary>
/// <typeparam name="T">The record type.</typeparam>
/// <param name="path">Path of the file; it need not exist yet.</param>
internal sealed class JsonLinesTail<T>(string path)
    where T : class
{
    private const long Piece = 1 << 20;
    private const long MostPiece = 1 << 28; // the most bytes in one line

    private long _position;

    public string Path => path;

    /// <summary>The number of lines so far that were not valid records.</summary>
    public int Unreadable { get; private set; }

    /// <summary>
    /// The line number, from 1, of the first such line; 0 if there is none, or if the file has been cut.
    /// </summary>
    public long FirstUnreadable { get; private set; }

    /// <summary>A sentence about these lines with the file's name; null if there are none.</summary>
    public string? Flaw =>
        Unreadable > 0 ? LineFlaw.Describe(System.IO.Path.GetFileName(path), Unreadable, FirstUnreadable) : null;

    private long _lines; // number of lines read so far

    /// <summary>
    /// Returns the records written since the last poll. If the file was cut by a resume, reading continues at its new
    /// end.
    /// </summary>
    public IReadOnlyList<T> Poll() => [.. Each()];

    /// <summary>
    /// Returns the records from the end of the last poll to the end of the file, in pieces: only about a megabyte is
    /// in memory, whatever the length of the file.
    /// </summary>
    /// <param name="piece">Bytes to read at a time; more if a line is longer.</param>
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
                $"{path} has a line of more than {MostPiece >> 20} MB at byte {_position}: it is not a file of "
                    + "this program."
            );

    /// <summary>Reads up to a number of bytes, and returns whether there are more.</summary>
    private (List<T> Records, bool More) Poll(long most)
    {
        try
        {
            if (!File.Exists(path))
                return ([], false);
            using var stream = FolderFile.Open(path);
            var length = stream.Length; // read only once, since a resume may cut the file at any moment
            // after a cut, line numbers are not known
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
