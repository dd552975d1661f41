using System.Security.Cryptography;
using Gyre.Torch;

namespace Gyre.Lab.RunFiles;

/// <summary>The content of a file when it was sealed.</summary>
/// <param name="Name">File name in the folder.</param>
/// <param name="Lines">Number of lines.</param>
/// <param name="Bytes">Number of bytes.</param>
/// <param name="Sha256">SHA-256 of these bytes.</param>
internal sealed record FileSeal(string Name, long Lines, long Bytes, string Sha256);

/// <summary>Reads the files of a folder that anyone may have written: only regular files of a bounded size.</summary>
internal static class FolderFile
{
    /// <summary>
    /// The largest size, in bytes, of a file that is read whole: a spec, a plan, a summary of a hundred thousand
    /// instabilities.
    /// </summary>
    public const int MostBytes = 64 << 20;

    /// <summary>Opens a file for reading while another process may be writing to it.</summary>
    /// <exception cref="RunFolderException">The path is a folder, a pipe or a device, or the file is too large or
    /// cannot be read.</exception>
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
            $"{path} has more than {mostBytes} bytes: it is not a file of this program. Move it away, or remove it."
        );
    }

    /// <summary>
    /// Throws if the path exists and is not a regular file: reading or writing such a file could block forever.
    /// </summary>
    /// <exception cref="RunFolderException">The path is a folder, a pipe or a device.</exception>
    public static void Hold(string path)
    {
        if ((Directory.Exists(path) ? "a folder" : FileKind.Special(path)) is { } kind)
            throw new RunFolderException($"{path} is {kind}, not a file. Move it away, or remove it.");
    }

    /// <summary>Throws if the path exists and is not a folder.</summary>
    /// <exception cref="RunFolderException">The path is a file, a pipe or a device.</exception>
    public static void HoldFolder(string path)
    {
        if (File.Exists(path))
            throw new RunFolderException(
                $"{path} is {FileKind.Special(path) ?? "a file"}, not a folder. Move it away, or remove it."
            );
    }

    /// <summary>Reads a whole file of at most <see cref="MostBytes"/>.</summary>
    /// <exception cref="RunFolderException">As for <see cref="Open"/>.</exception>
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

    /// <summary>Reads a whole file as text.</summary>
    /// <exception cref="RunFolderException">As for <see cref="Open"/>.</exception>
    public static string Text(string path)
    {
        using var reader = new StreamReader(new MemoryStream(Bytes(path)));
        return reader.ReadToEnd();
    }

    /// <summary>Computes the SHA-256 of a file's first bytes, and counts their lines.</summary>
    /// <exception cref="RunFolderException">The file is shorter, or cannot be read.</exception>
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

    /// <summary>Appends the next bytes of a stream to a hash.</summary>
    /// <returns>The number of lines in these bytes.</returns>
    internal static long Feed(FileStream stream, long bytes, IncrementalHash hash)
    {
        var (buffer, lines) = (new byte[1 << 16], 0L);
        for (var left = bytes; left > 0; )
        {
            var read = stream.Read(buffer, 0, (int)Math.Min(left, buffer.Length));
            if (read == 0)
                throw new RunFolderException(
                    $"{stream.Name} has become shorter: {bytes - left} of {bytes} bytes exist."
                );
            hash.AppendData(buffer, 0, read);
            lines += buffer.AsSpan(0, read).Count((byte)'\n');
            left -= read;
        }
        return lines;
    }
}
