using Gyre.Torch;

namespace Gyre.Lab.Trajectories;

/// <summary>
/// Decides whether a file that another program writes is complete: it has not changed between two checks, and its end
/// is present. A file that a program renames into place when finished is never seen half-written.
/// </summary>
internal sealed class FileRest(TimeProvider time)
{
    /// <summary>
    /// The time after which an incomplete file that does not change is skipped. Default: chosen, longer than a pause
    /// of a busy disk.
    /// </summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private const int TailBytes = 1 << 16;

    private static readonly byte[] ArchiveEnd = "PK\u0005\u0006"u8.ToArray();

    private readonly Dictionary<string, (string Stamp, long Since)> _seen = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _passed = new(StringComparer.Ordinal);

    /// <summary>Returns whether every file of a checkpoint is complete.</summary>
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

    /// <summary>
    /// Returns whether a checkpoint has not changed for longer than <see cref="Patience"/>, so that probably no
    /// program is writing it.
    /// </summary>
    public bool IsAbandoned(CheckpointFile file) =>
        _seen.TryGetValue(file.Path, out var seen) && time.GetElapsedTime(seen.Since) > Patience;

    /// <summary>Skips a checkpoint until it changes.</summary>
    public void PassOver(CheckpointFile file) => _passed[file.Path] = Stamp(file);

    /// <summary>Returns whether a checkpoint was skipped and has not changed since.</summary>
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
    /// A safetensors file states its own length, and an archive of PyTorch ends with its directory. Other formats (an
    /// index, the old format) are left to their reader.
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
