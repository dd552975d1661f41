using System.Text;
using Gyre.Torch;

namespace Gyre.Lab.Data;

/// <summary>
/// Opens files that a user names, and formats text from them for messages. Only regular files of a bounded size are
/// opened, since a pipe or a device may never end. Text in messages is cut, and its control characters are escaped, so
/// that it cannot control a terminal.
/// </summary>
internal static class UserFile
{
    /// <summary>The maximum length of a name or a cell in a message.</summary>
    public const int ShownLetters = 80;

    /// <summary>The maximum length of a path in a message.</summary>
    public const int PathLetters = 300;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private const int ShownNames = 8;
    private const int NameLetters = 40;
    private const int MessageHead = 500;
    private const int MessageTail = 200;

    /// <summary>Opens a file for reading, from its start.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="mostBytes">The maximum size; larger files are refused.</param>
    /// <exception cref="DataException">The file is not regular, is too large, or cannot be read.</exception>
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

    /// <summary>Reads all bytes of a file.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="mostBytes">The maximum size; larger files are refused, even if they grow while they are
    /// read.</param>
    /// <exception cref="DataException">As for <see cref="Open"/>.</exception>
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

    /// <summary>Reads the text of a file, without a UTF-8 byte order mark.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="mostBytes">The maximum size; larger files are refused.</param>
    /// <exception cref="DataException">
    /// As for <see cref="Open"/>, or the file is not UTF-8 text; the message has its probable format or the first
    /// invalid byte.
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
            throw NoText(
                path,
                $"{WrongByte(bytes)}. Convert it: iconv -f latin1 -t utf-8, or from its actual encoding."
            );
        }
    }

    /// <summary>
    /// Rejects folders, pipes, devices and sockets. A missing file is reported when it is opened.
    /// </summary>
    /// <exception cref="DataException">The path leads to such a file.</exception>
    public static void CheckRegular(string path)
    {
        if (Directory.Exists(path))
            throw new DataException($"{Shown(path, PathLetters)} is a folder, not a file.");
        if (FileKind.Special(path) is { } kind)
        {
            throw new DataException(
                $"{Shown(path, PathLetters)} is {kind}, not a regular file, and may never end: "
                    + "save its content to a file, and use that file."
            );
        }
    }

    /// <summary>
    /// Formats text of a user's file for a message: control characters are escaped, and long text is cut.
    /// </summary>
    /// <param name="text">Any text.</param>
    /// <param name="most">The maximum number of letters.</param>
    public static string Shown(string text, int most = ShownLetters) => PlainText.Clipped(text, most);

    /// <summary>Formats names in quotation marks, only the first few if there are many.</summary>
    public static string Names(IReadOnlyCollection<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        var shown = string.Join(", ", names.Take(ShownNames).Select(name => $"\"{Shown(name, NameLetters)}\""));
        return names.Count <= ShownNames
            ? shown
            : FormattableString.Invariant($"{shown} and {names.Count - ShownNames} more");
    }

    /// <summary>
    /// Formats a message to fit a terminal: a long one is cut in the middle, and control characters except line ends
    /// and tabs are escaped.
    /// </summary>
    public static string Message(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var cut = text.Length <= MessageHead + MessageTail ? text : $"{text[..MessageHead]} … {text[^MessageTail..]}";
        return PlainText.Escape(cut);
    }

    private static DataException NoText(string path, string why) =>
        new($"{Shown(path, PathLetters)} is not UTF-8 text: {why}");

    private static string WrongByte(ReadOnlySpan<byte> bytes)
    {
        var at = 0;
        while (Rune.DecodeFromUtf8(bytes[at..], out _, out var length) == System.Buffers.OperationStatus.Done)
            at += length;
        return FormattableString.Invariant(
            $"byte {at} ({Line(bytes, at)}) is 0x{bytes[at]:x2}, which is not part of any character"
        );
    }

    private static string Line(ReadOnlySpan<byte> bytes, int at) =>
        FormattableString.Invariant($"line {1 + bytes[..at].Count((byte)'\n')}");

    private static bool IsUnreadable(Exception error) =>
        error is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException;

    private static DataException Unreadable(string path, Exception error) =>
        error is FileNotFoundException or DirectoryNotFoundException
            ? new(
                $"{Shown(path, PathLetters)} does not exist{NearFile.InParentheses(path)}. If the data have moved, set "
                    + "their new location with --set data.path=….",
                error
            )
            : new($"{Shown(path, PathLetters)} cannot be read: {error.Message}", error);

    private static DataException TooLarge(string path, long bytes, long most) =>
        new(
            FormattableString.Invariant(
                $"{Shown(path, PathLetters)} has {bytes:N0} bytes; files of this kind have at most {most:N0}."
            )
        );
}
