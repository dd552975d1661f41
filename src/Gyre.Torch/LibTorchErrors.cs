namespace Gyre.Torch;

/// <summary>What libtorch says of an error, as a sentence.</summary>
internal static class LibTorchErrors
{
    private const int Most = 300;

    /// <summary>
    /// The first line of <see cref="Explain"/>, cut to a few hundred characters: also a module's own text ends up here.
    /// </summary>
    public static string Line(Exception error)
    {
        var line = Explain(error).Split('\n')[0].Trim();
        return line.Length > Most ? line[..Most] + "…" : line;
    }

    /// <summary>
    /// libtorch's own sentence: what follows the interpreter's traceback, without addresses of C++ frames.
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
