using System.Security.Cryptography;

namespace Gyre.Lab.RunFiles;

/// <summary>
/// Appends records to the files of a run. Each line is a single write to the operating system, so that a reader sees
/// complete lines, except possibly the last. Files are flushed to disk at checkpoints. <see cref="RunLock"/> ensures
/// a single writer.
/// </summary>
internal sealed class RunWriter : IDisposable
{
    private readonly Dictionary<Type, FileStream> _streams = [];
    private readonly Dictionary<Type, (IncrementalHash Hash, long Lines)> _seals = [];
    private readonly RunFolder _folder;

    /// <summary>
    /// Opens the files. Replayed files are cut to the given lengths; the others only lose a torn last line.
    /// </summary>
    /// <param name="lengths">Bytes to keep of each replayed file, by file name; a file that is not listed is
    /// emptied.</param>
    /// <exception cref="RunFolderException">A file cannot be opened.</exception>
    public RunWriter(RunFolder folder, IReadOnlyDictionary<string, long> lengths)
    {
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(lengths);
        _folder = folder;
        folder.Sweep();
        long KeptOf(string path) => lengths.GetValueOrDefault(Path.GetFileName(path));
        try
        {
            OpenSealed<StepRecord>(folder.Steps, KeptOf(folder.Steps));
            OpenSealed<CurvatureRecord>(folder.Curvature, KeptOf(folder.Curvature));
            OpenSealed<EventRecord>(folder.Events, KeptOf(folder.Events));
            Open<TimingRecord>(folder.Timings, AfterLastLine);
            Open<SessionRecord>(folder.Sessions, AfterLastLine);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The current lengths of the replayed files in bytes, by file name.</summary>
    public IReadOnlyDictionary<string, long> Lengths => Seals.ToDictionary(seal => seal.Name, seal => seal.Bytes);

    /// <summary>The current seals of the replayed files, as stored in checkpoints and the summary.</summary>
    public IReadOnlyList<FileSeal> Seals =>
        [.. _seals.Select(one => Seal(_streams[one.Key], one.Value.Lines, one.Value.Hash))];

    private static FileSeal Seal(FileStream stream, long lines, IncrementalHash hash) =>
        new(Path.GetFileName(stream.Name), lines, stream.Length, Convert.ToHexStringLower(hash.GetCurrentHash()));

    /// <summary>Appends one line to the file for the record's type.</summary>
    /// <exception cref="RunFolderException">The disk is full or unavailable, or the file has been removed. A partly
    /// written line is cut off again, now or at the next start.</exception>
    public void Append<T>(T record)
    {
        var line = RunJson.ToLine(record);
        Array.Resize(ref line, line.Length + 1);
        line[^1] = (byte)'\n';
        var stream = _streams[typeof(T)];
        if (!File.Exists(stream.Name) || typeof(T) == typeof(StepRecord) && !File.Exists(_folder.Spec))
            throw Removed(stream.Name);
        RunFolder.Guarded(stream.Name, () => WriteWhole(stream, line));
        if (_seals.TryGetValue(typeof(T), out var seal))
        {
            seal.Hash.AppendData(line);
            _seals[typeof(T)] = (seal.Hash, seal.Lines + 1);
        }
    }

    private RunFolderException Removed(string path)
    {
        var gone = File.Exists(_folder.Spec) ? path : _folder.Path;
        return new($"{gone} was removed or moved during training. Restore it, or give the same command again.");
    }

    /// <summary>Flushes every file to disk.</summary>
    /// <exception cref="RunFolderException">A file cannot be flushed.</exception>
    public void Sync()
    {
        foreach (var stream in _streams.Values)
        {
            RunFolder.Guarded(
                stream.Name,
                () =>
                {
                    stream.Flush(flushToDisk: true);
                    return true;
                }
            );
        }
    }

    /// <summary>Writes summary.json, whole, last and once.</summary>
    /// <exception cref="RunFolderException">The summary cannot be written; the run is then unfinished.</exception>
    public void Finish(SummaryRecord summary)
    {
        Sync();
        RunFolder.Guarded(
            _folder.Summary,
            () =>
            {
                WholeFile.Write(_folder.Summary, RunJson.Pretty(summary with { Files = [.. Seals] }));
                return true;
            }
        );
    }

    /// <summary>
    /// Appends a line to sessions.jsonl from outside the run's own process. Does nothing unless the run is unfinished
    /// and no process works on it.
    /// </summary>
    public static void Note(RunFolder folder, SessionRecord record)
    {
        ArgumentNullException.ThrowIfNull(folder);
        if (folder.Status != RunStatus.Unfinished)
            return;
        try
        {
            using var held = RunLock.Take(folder);
            AppendLine(folder.Sessions, record);
        }
        catch (Exception error) when (error is RunFolderException or IOException or UnauthorizedAccessException)
        {
            // The note is optional; the caller reports the failure that led to it.
        }
    }

    /// <summary>Appends a line to a file that is not kept open, after cutting off a torn last line.</summary>
    internal static void AppendLine<T>(string path, T record)
    {
        using var stream = new FileStream(
            path,
            FileMode.OpenOrCreate,
            FileAccess.ReadWrite,
            FileShare.ReadWrite,
            bufferSize: 0
        );
        stream.SetLength(AfterLastLine(stream));
        stream.Seek(0, SeekOrigin.End);
        WriteWhole(stream, [.. RunJson.ToLine(record), (byte)'\n']);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var stream in _streams.Values)
            stream.Dispose();
        foreach (var seal in _seals.Values)
            seal.Hash.Dispose();
    }

    /// <summary>Opens a replayed file and hashes the part that is kept.</summary>
    private void OpenSealed<T>(string path, long kept)
    {
        Open<T>(path, _ => kept);
        var (stream, hash) = (_streams[typeof(T)], IncrementalHash.CreateHash(HashAlgorithmName.SHA256));
        _seals[typeof(T)] = (hash, 0);
        stream.Seek(0, SeekOrigin.Begin);
        _seals[typeof(T)] = (hash, RunFolder.Guarded(path, () => FolderFile.Feed(stream, stream.Length, hash)));
    }

    private void Open<T>(string path, Func<FileStream, long> keep) =>
        _streams[typeof(T)] = RunFolder.Guarded(
            path,
            () =>
            {
                // Without a buffer in .NET, each Write is a single write call.
                var stream = new FileStream(
                    path,
                    FileMode.OpenOrCreate,
                    FileAccess.ReadWrite,
                    FileShare.ReadWrite | FileShare.Delete,
                    bufferSize: 0
                );
                stream.SetLength(Math.Min(stream.Length, keep(stream)));
                stream.Seek(0, SeekOrigin.End);
                return stream;
            }
        );

    private static bool WriteWhole(FileStream stream, byte[] line)
    {
        var before = stream.Position;
        try
        {
            stream.Write(line);
            return true;
        }
        catch (IOException)
        {
            // On a full disk, only the start of a line may be written; truncating needs no space.
            stream.SetLength(before);
            throw;
        }
    }

    private static long AfterLastLine(FileStream stream)
    {
        var end = stream.Length;
        var last = new byte[1];
        for (; end > 0; end--)
        {
            stream.Seek(end - 1, SeekOrigin.Begin);
            stream.ReadExactly(last);
            if (last[0] == (byte)'\n')
                break;
        }
        return end;
    }
}
