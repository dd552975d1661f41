namespace Gyre.Torch;

/// <summary>Extracts libtorch's own sentence from an error.</summary>
internal static class LibTorchErrors
{
    private const int Most = 300;

    /// <summary>
    /// Returns the first line of <see cref="Explain"/>, cut to 300 characters, because it may contain a module's own
    /// text.
    /// </summary>
    public static string Line(Exception error)
    {
        var line = Explain(error).Split('\n')[0].Trim();
        return line.Length > Most ? line[..Most] + "…" : line;
    }

    /// <summary>
    /// Returns libtorch's own sentence, which follows the interpreter's traceback, without the addresses of C++
    /// frames.
    /// </summary>
    public static string Explain(Exception error)
    {
        ArgumentNullException.ThrowIfNull(error);
        var text = error.Message;
        var start = text.LastIndexOf("Error: ", StringComparison.Ordinal);
        text = start < 0 ? text : text[(start + "Error: ".Length)..];
        var frames = text.IndexOf("\nException raised from", StringComparison.Ordinal);
        return (frames < 0 ? text : text[..frames]).Trim();
    }
}
