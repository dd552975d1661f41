namespace Gyre.Lab.Runs;

/// <summary>
/// Reads a run folder, finished or not, while it is written or after, without a lock. A torn last line is left out, and so is
/// a line that is not a record; <see cref="Flaws"/> says where there are such.
/// </summary>
public sealed class RunReader
{
    private RunReader(RunFolder folder) => Folder = folder;

    /// <summary>The folder.</summary>
    public RunFolder Folder { get; }

    /// <summary>The resolved spec as TOML.</summary>
    public string SpecText => RunFolder.Guarded(Folder.Spec, () => File.ReadAllText(Folder.Spec));

    /// <summary>steps.jsonl.</summary>
    public IReadOnlyList<StepRecord> Steps => Lines<StepRecord>(Folder.Steps);

    /// <summary>curvature.jsonl.</summary>
    public IReadOnlyList<CurvatureRecord> Curvature => Lines<CurvatureRecord>(Folder.Curvature);

    /// <summary>events.jsonl.</summary>
    public IReadOnlyList<EventRecord> Events => Lines<EventRecord>(Folder.Events);

    /// <summary>timings.jsonl.</summary>
    public IReadOnlyList<TimingRecord> Timings => Lines<TimingRecord>(Folder.Timings);

    /// <summary>sessions.jsonl.</summary>
    public IReadOnlyList<SessionRecord> Sessions => Lines<SessionRecord>(Folder.Sessions);

    /// <summary>summary.json, or null while the run is unfinished.</summary>
    public SummaryRecord? Summary => Whole<SummaryRecord>(Folder.Summary);

    /// <summary>environment.json, or null where it cannot be read.</summary>
    public EnvironmentRecord? Environment => Whole<EnvironmentRecord>(Folder.Environment);

    /// <summary>steps.jsonl, read piece by piece: for runs of any length.</summary>
    public IEnumerable<StepRecord> EachStep() => new JsonLinesTail<StepRecord>(Folder.Steps).Each();

    /// <summary>curvature.jsonl, read piece by piece.</summary>
    public IEnumerable<CurvatureRecord> EachCurvature() => new JsonLinesTail<CurvatureRecord>(Folder.Curvature).Each();

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

    /// <summary>What in the folder cannot be read, a sentence each; empty for a sound one, finished or not.</summary>
    public IReadOnlyList<string> Flaws()
    {
        var flaws = new List<string>();
        CountLines<StepRecord>(Folder.Steps, flaws);
        CountLines<CurvatureRecord>(Folder.Curvature, flaws);
        CountLines<EventRecord>(Folder.Events, flaws);
        CountLines<TimingRecord>(Folder.Timings, flaws);
        CountLines<SessionRecord>(Folder.Sessions, flaws);
        if (File.Exists(Folder.Summary) && Summary is null)
            flaws.Add($"{Folder.Summary} is not a summary.");
        if (Environment is null)
            flaws.Add($"{Folder.Environment} is missing or not what it should be.");
        return flaws;
    }

    private static void CountLines<T>(string path, List<string> flaws)
        where T : class
    {
        var tail = new JsonLinesTail<T>(path);
        tail.Poll();
        if (tail.Unreadable > 0)
            flaws.Add($"{path}: {tail.Unreadable} {(tail.Unreadable == 1 ? "line is" : "lines are")} not what they should be.");
    }

    private static IReadOnlyList<T> Lines<T>(string path)
        where T : class => new JsonLinesTail<T>(path).Poll();

    private static T? Whole<T>(string path)
        where T : class => File.Exists(path) ? RunJson.Read<T>(RunFolder.Guarded(path, () => File.ReadAllBytes(path))) : null;
}

/// <summary>Follows a file of JSON lines as it grows: each poll returns the whole records that are new.</summary>
/// <typeparam name="T">The record.</typeparam>
/// <param name="path">The file; it need not be there yet.</param>
public sealed class JsonLinesTail<T>(string path)
    where T : class
{
    private const long Piece = 1 << 20;

    private long _position;

    /// <summary>The file.</summary>
    public string Path => path;

    /// <summary>Lines so far that were not such a record.</summary>
    public int Unreadable { get; private set; }

    /// <summary>What has come since the last poll. Where the file was cut (by a resume), reading goes on at its new end.</summary>
    public IReadOnlyList<T> Poll() => Poll(long.MaxValue).Records;

    /// <summary>The records from the last poll's end to the file's, in pieces: of a file of any length only about a megabyte is in memory.</summary>
    /// <param name="piece">Bytes to read at a time; more where a line is longer.</param>
    public IEnumerable<T> Each(long piece = Piece)
    {
        for (var (more, most) = (true, piece); more;)
        {
            var before = _position;
            (var records, more) = Poll(most);
            foreach (var record in records)
                yield return record;
            most = _position > before ? piece : most * 2;
        }
    }

    /// <summary>Reads so many bytes at most, and says whether there are more.</summary>
    private (List<T> Records, bool More) Poll(long most)
    {
        try
        {
            if (!File.Exists(path))
                return ([], false);
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var length = stream.Length; // asked once: a resume may cut the file at any moment
            _position = Math.Min(_position, length);
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
            _position += end + 1;
            if (RunJson.Read<T>(bytes[..end]) is { } record)
                records.Add(record);
            else
                Unreadable++;
        }
        return records;
    }
}
