using System.Text;
using Gyre.Torch;

namespace Gyre.Lab.Data;

/// <summary>
/// Files that a user names, and text that comes from them.
/// Only regular files of a bounded size are opened: a pipe or a device may never end.
/// What a message shows of them is short, and its control characters are escaped: it cannot steer a terminal.
/// </summary>
internal static class UserFile
{
    /// <summary>Letters of a name or a cell in a message, at most.</summary>
    public const int ShownLetters = 80;

    /// <summary>Letters of a path in a message, at most.</summary>
    public const int PathLetters = 300;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private const int ShownNames = 8;
    private const int NameLetters = 40;
    private const int MessageHead = 500;
    private const int MessageTail = 200;

    /// <summary>Opens a file for reading, from its start.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="mostBytes">Larger files are refused.</param>
    /// <exception cref="DataException">It is no regular file, too large, or cannot be read.</exception>
    public static FileStream Open(string path, long mostBytes = long.MaxValue)
    {
        CheckRegular(path);
        try
        {
            var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (file.Length <= mostBytes)
                return file;
            var bytes = file.Length;
            file.Dispose();
            throw TooLarge(path, bytes, mostBytes);
        }
        catch (Exception error) when (IsUnreadable(error))
        {
            throw Unreadable(path, error);
        }
    }

    /// <summary>Every byte of a file.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="mostBytes">Larger files are refused, also where they grow while they are read.</param>
    /// <exception cref="DataException">As of <see cref="Open"/>.</exception>
    public static byte[] Bytes(string path, int mostBytes)
    {
        using var file = Open(path, mostBytes);
        try
        {
            using var memory = new MemoryStream((int)file.Length);
            var buffer = new byte[1 << 16];
            for (var read = file.Read(buffer); read > 0; read = file.Read(buffer))
            {
                if (memory.Length + read > mostBytes)
                    throw TooLarge(path, memory.Length + read, mostBytes);
                memory.Write(buffer, 0, read);
            }
            return memory.Length == memory.Capacity ? memory.GetBuffer() : memory.ToArray();
        }
        catch (Exception error) when (IsUnreadable(error))
        {
            throw Unreadable(path, error);
        }
    }

    /// <summary>A file's text, without the mark that says that it is UTF-8.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="mostBytes">Larger files are refused.</param>
    /// <exception cref="DataException">
    /// As of <see cref="Open"/>, or it is no text in UTF-8; what it seems to be, or the first wrong byte, is named.
    /// </exception>
    public static string Text(string path, int mostBytes)
    {
        var bytes = Bytes(path, mostBytes);
        if (FileForm.Detect(bytes) is { } form)
            throw NoText(path, $"it is {form.Name}. {form.Advice}");
        var zero = Array.IndexOf(bytes, (byte)0);
        if (zero >= 0)
            throw NoText(path, $"byte {zero} ({Line(bytes, zero)}) is 0. Save it as UTF-8.");
        try
        {
            var mark = bytes.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? Encoding.UTF8.Preamble.Length : 0;
            return Utf8.GetString(bytes.AsSpan(mark));
        }
        catch (DecoderFallbackException)
        {
            throw NoText(path, $"{WrongByte(bytes)}. Convert it: iconv -f latin1 -t utf-8, or whatever it is in.");
        }
    }

    /// <summary>
    /// Refuses folders, pipes, devices and sockets; a file that is not there is left to what opens it.
    /// </summary>
    /// <exception cref="DataException">The path leads to one of them.</exception>
    public static void CheckRegular(string path)
    {
        if (Directory.Exists(path))
            throw new DataException($"{Shown(path, PathLetters)} is a folder, not a file.");
        if (FileKind.Special(path) is { } kind)
        {
            throw new DataException(
                $"{Shown(path, PathLetters)} is {kind}, not a regular file, and may never end: "
                    + "write what it gives into a file, and name that."
            );
        }
    }

    /// <summary>Text of a user's file for a message: control characters escaped, and cut where it is long.</summary>
    /// <param name="text">Anything.</param>
    /// <param name="most">Letters, at most.</param>
    public static string Shown(string text, int most = ShownLetters) => PlainText.Clipped(text, most);

    /// <summary>Names between quotation marks, the first few where there are many.</summary>
    public static string Names(IReadOnlyCollection<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        var shown = string.Join(", ", names.Take(ShownNames).Select(name => $"\"{Shown(name, NameLetters)}\""));
        return names.Count <= ShownNames
            ? shown
            : FormattableString.Invariant($"{shown} and {names.Count - ShownNames} more");
    }

    /// <summary>
    /// A message that fits a terminal: cut in its middle where it is long, control characters but line ends and tabs
    /// escaped.
    /// </summary>
    public static string Message(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var cut = text.Length <= MessageHead + MessageTail ? text : $"{text[..MessageHead]} … {text[^MessageTail..]}";
        return PlainText.Escape(cut);
    }

    private static DataException NoText(string path, string why) =>
        new($"{Shown(path, PathLetters)} is not text in UTF-8: {why}");

    private static string WrongByte(ReadOnlySpan<byte> bytes)
    {
        var at = 0;
        while (Rune.DecodeFromUtf8(bytes[at..], out _, out var length) == System.Buffers.OperationStatus.Done)
            at += length;
        return FormattableString.Invariant(
            $"byte {at} ({Line(bytes, at)}) is 0x{bytes[at]:x2}, where no character has it"
        );
    }

    private static string Line(ReadOnlySpan<byte> bytes, int at) =>
        FormattableString.Invariant($"line {1 + bytes[..at].Count((byte)'\n')}");

    private static bool IsUnreadable(Exception error) =>
        error is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException;

    private static DataException Unreadable(string path, Exception error) =>
        error is FileNotFoundException or DirectoryNotFoundException
            ? new(
                $"{Shown(path, PathLetters)} does not exist. Where data has moved, --set data.path=… says "
                    + "where it is now.",
                error
            )
            : new($"{Shown(path, PathLetters)} cannot be read: {error.Message}", error);

    private static DataException TooLarge(string path, long bytes, long most) =>
        new(
            FormattableString.Invariant(
                $"{Shown(path, PathLetters)} has {bytes:N0} bytes; at most {most:N0} are read of a file of this kind."
            )
        );
}
