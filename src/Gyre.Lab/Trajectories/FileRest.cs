using Gyre.Torch;

namespace Gyre.Lab.Trajectories;

/// <summary>
/// Whether a file that another program writes is whole: it has rested between two looks, and its end is there. Programs
/// that rename a finished file into place are never met half way.
/// </summary>
internal sealed class FileRest(TimeProvider time)
{
    /// <summary>After which an incomplete file that does not change is passed over. Default: chosen, longer than a
    /// pause of a busy disk.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private const int TailBytes = 1 << 16;

    private static readonly byte[] ArchiveEnd = "PK\u0005\u0006"u8.ToArray();

    private readonly Dictionary<string, (string Stamp, long Since)> _seen = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _passed = new(StringComparer.Ordinal);

    /// <summary>Whether every file of a checkpoint is whole.</summary>
    public bool IsComplete(CheckpointFile file)
    {
        var stamp = Stamp(file);
        if (!_seen.TryGetValue(file.Path, out var seen) || seen.Stamp != stamp)
        {
            _seen[file.Path] = (stamp, time.GetTimestamp());
            return false;
        }
        return file.Files.All(HasEnd);
    }

    /// <summary>Whether it has not changed for so long that nobody seems to write it.</summary>
    public bool IsAbandoned(CheckpointFile file) =>
        _seen.TryGetValue(file.Path, out var seen) && time.GetElapsedTime(seen.Since) > Patience;

    /// <summary>Passes a checkpoint over as long as it stays as it is.</summary>
    public void PassOver(CheckpointFile file) => _passed[file.Path] = Stamp(file);

    /// <summary>Whether it was passed over, and is as it was then.</summary>
    public bool IsPassedOver(CheckpointFile file) =>
        _passed.TryGetValue(file.Path, out var stamp) && stamp == Stamp(file);

    private static string Stamp(CheckpointFile file) =>
        string.Join(
            '|',
            file.Files.Select(path =>
                new FileInfo(path) is { Exists: true } found
                    ? FormattableString.Invariant($"{path}:{found.Length}:{found.LastWriteTimeUtc.Ticks}")
                    : path
            )
        );

    /// <summary>
    /// A safetensors file says how long it is; an archive of PyTorch ends with its directory. Of others (an index, the
    /// format of old) their reader says more.
    /// </summary>
    private static bool HasEnd(string path)
    {
        try
        {
            if (path.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase))
                return Safetensors.Describe(path).Entries.Count >= 0;
            using var stream = new FileStream(
                path,
                FileMode.Open,
                FileAccess.Read,
                FileShare.ReadWrite | FileShare.Delete
            );
            Span<byte> head = stackalloc byte[2];
            if (stream.ReadAtLeast(head, 2, throwOnEndOfStream: false) < 2 || head[0] != 'P' || head[1] != 'K')
                return stream.Length > 0;
            var tail = new byte[Math.Min(TailBytes, stream.Length)];
            stream.Seek(-tail.Length, SeekOrigin.End);
            stream.ReadExactly(tail);
            return tail.AsSpan().LastIndexOf(ArchiveEnd) >= 0;
        }
        catch (Exception error) when (error is SafetensorsException or IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
