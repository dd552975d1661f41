namespace Gyre.Torch.Exported;

/// <summary>
/// Handles infinities and NaN in Python's JSON. Some versions of PyTorch wrote them as bare words, which are not
/// valid JSON.
/// </summary>
internal static class JsonNumbers
{
    private static readonly byte[][] Literals = ["-Infinity"u8.ToArray(), "Infinity"u8.ToArray(), "NaN"u8.ToArray()];

    /// <summary>
    /// Returns the text with these words in quotation marks, or the text itself if it contains none.
    /// </summary>
    public static ReadOnlyMemory<byte> Quoted(ReadOnlyMemory<byte> json)
    {
        if (Literals.All(literal => json.Span.IndexOf(literal) < 0))
            return json;
        using var quoted = new MemoryStream(json.Length + 64);
        var span = json.Span;
        var inText = false;
        for (var at = 0; at < span.Length; at++)
        {
            var length = inText ? 0 : LiteralAt(span[at..]);
            if (length > 0)
            {
                quoted.WriteByte((byte)'"');
                quoted.Write(span.Slice(at, length));
                quoted.WriteByte((byte)'"');
                at += length - 1;
                continue;
            }
            quoted.WriteByte(span[at]);
            if (inText && span[at] == '\\' && at + 1 < span.Length)
                quoted.WriteByte(span[++at]);
            else if (span[at] == '"')
                inText = !inText;
        }
        return quoted.ToArray();
    }

    private static int LiteralAt(ReadOnlySpan<byte> text)
    {
        foreach (var literal in Literals)
            if (text.StartsWith(literal))
                return literal.Length;
        return 0;
    }
}
