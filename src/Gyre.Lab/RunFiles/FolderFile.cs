using System.Security.Cryptography;
using Gyre.Torch;

namespace Gyre.Lab.RunFiles;

/// <summary>What a file held when it was sealed.</summary>
/// <param name="Name">Its name in the folder.</param>
/// <param name="Lines">How many.</param>
/// <param name="Bytes">How many.</param>
/// <param name="Sha256">Of them.</param>
internal sealed record FileSeal(string Name, long Lines, long Bytes, string Sha256);

/// <summary>
/// Reads the files of a folder that anybody may have written: regular files alone, of a bounded size.
/// </summary>
internal static class FolderFile
{
    /// <summary>
    /// Bytes of a file that is read whole, at most: a spec, a plan, a summary of a hundred thousand instabilities.
    /// </summary>
    public const int MostBytes = 64 << 20;

    /// <summary>Opens a file to read while another process may write it.</summary>
    /// <exception cref="RunFolderException">It is a folder, a pipe or a device, too large, or cannot be
    /// read.</exception>
    public static FileStream Open(string path, long mostBytes = long.MaxValue)
    {
        Hold(path);
        try
        {
            var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (stream.Length <= mostBytes)
                return stream;
            stream.Dispose();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new RunFolderException($"{path} cannot be read: {error.Message}", error);
        }
        throw new RunFolderException(
            $"{path} has more than {mostBytes} bytes: it is no file of this program. Move it away, or remove it."
        );
    }

    /// <summary>
    /// Refuses what is there and no regular file: a program that reads or writes it may wait for ever.
    /// </summary>
    /// <exception cref="RunFolderException">It is a folder, a pipe or a device.</exception>
    public static void Hold(string path)
    {
        if ((Directory.Exists(path) ? "a folder" : FileKind.Special(path)) is { } kind)
            throw new RunFolderException($"{path} is {kind}, not a file. Move it away, or remove it.");
    }

    /// <summary>Refuses what is there and no folder.</summary>
    /// <exception cref="RunFolderException">It is a file, a pipe or a device.</exception>
    public static void HoldFolder(string path)
    {
        if (File.Exists(path))
            throw new RunFolderException(
                $"{path} is {FileKind.Special(path) ?? "a file"}, not a folder. Move it away, or remove it."
            );
    }

    /// <summary>Every byte of a file.</summary>
    /// <exception cref="RunFolderException">As of <see cref="Open"/>.</exception>
    public static byte[] Bytes(string path)
    {
        using var stream = Open(path, MostBytes);
        var bytes = new byte[stream.Length];
        try
        {
            return bytes[..stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)];
        }
        catch (IOException error)
        {
            throw new RunFolderException($"{path} cannot be read: {error.Message}", error);
        }
    }

    /// <summary>A file's text.</summary>
    /// <exception cref="RunFolderException">As of <see cref="Open"/>.</exception>
    public static string Text(string path)
    {
        using var reader = new StreamReader(new MemoryStream(Bytes(path)));
        return reader.ReadToEnd();
    }

    /// <summary>SHA-256 and lines of a file's first bytes.</summary>
    /// <exception cref="RunFolderException">It is shorter, or cannot be read.</exception>
    public static FileSeal Seal(string path, long bytes)
    {
        using var stream = Open(path);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        return new FileSeal(
            Path.GetFileName(path),
            Feed(stream, bytes, hash),
            bytes,
            Convert.ToHexStringLower(hash.GetCurrentHash())
        );
    }

    /// <summary>Feeds a hash with the next bytes of a stream.</summary>
    /// <returns>Lines among them.</returns>
    internal static long Feed(FileStream stream, long bytes, IncrementalHash hash)
    {
        var (buffer, lines) = (new byte[1 << 16], 0L);
        for (var left = bytes; left > 0; )
        {
            var read = stream.Read(buffer, 0, (int)Math.Min(left, buffer.Length));
            if (read == 0)
                throw new RunFolderException(
                    $"{stream.Name} is shorter than it was: {bytes - left} of {bytes} bytes are there."
                );
            hash.AppendData(buffer, 0, read);
            lines += buffer.AsSpan(0, read).Count((byte)'\n');
            left -= read;
        }
        return lines;
    }
}
