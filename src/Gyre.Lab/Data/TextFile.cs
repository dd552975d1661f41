using System.Text;
using static TorchSharp.torch;

namespace Gyre.Lab.Data;

/// <summary>
/// Reads a text as characters. A character is a Unicode code point, whatever its length in bytes.
/// </summary>
internal static class TextFile
{
    private const int MostBytes = 1 << 30;

    /// <summary>Reads a file as UTF-8. The last tenth of its characters is held out.</summary>
    /// <exception cref="DataException">
    /// The file cannot be read, is not text, or is too short for one sequence and the character after it.
    /// </exception>
    public static TextSet Read(string path, int context)
    {
        Rune[] text = [.. UserFile.Text(path, MostBytes).EnumerateRunes()];
        var train = text.Length - text.Length / 10;
        if (train <= context)
        {
            throw new DataException(
                $"{UserFile.Shown(path, UserFile.PathLetters)} has {text.Length} characters, {train} of them "
                    + $"for training: too short for a sequence of data.context = {context} and the character after it. "
                    + "Lower data.context, or use a longer text."
            );
        }
        Rune[] vocabulary = [.. text.Distinct().Order()];
        var places = vocabulary.Index().ToDictionary(one => one.Item, one => one.Index);
        var numbers = Array.ConvertAll(text, letter => places[letter]);
        return new TextSet("text", vocabulary, numbers[..train], numbers[train..], $"text of {Path.GetFullPath(path)}")
        {
            Remarks = [$"{text.Length} characters, {vocabulary.Length} distinct"],
        };
    }
}

/// <summary>Non-overlapping sequences of a text, with the next character at each position as the target.</summary>
/// <param name="text">Character indices.</param>
/// <param name="context">The length of a sequence, T.</param>
/// <param name="chosen">Indices of the sequences used.</param>
/// <param name="layout">Chunks, memory budget, device.</param>
internal sealed class TextSamples(int[] text, int context, IReadOnlyList<int> chosen, Layout layout)
    : RowSamples(chosen, [context], layout)
{
    /// <inheritdoc/>
    protected override ScalarType InputType => ScalarType.Int64;

    /// <inheritdoc/>
    protected override void Fill(int row, Span<byte> into)
    {
        var tokens = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, long>(into);
        for (var i = 0; i < context; i++)
            tokens[i] = text[row * (context + 1) + i];
    }

    /// <inheritdoc/>
    protected override Tensor Targets(ReadOnlyMemory<int> rows, ScalarType dtype)
    {
        var next = new long[rows.Length * context];
        for (var i = 0; i < rows.Length; i++)
        {
            for (var j = 0; j < context; j++)
                next[i * context + j] = text[rows.Span[i] * (context + 1) + j + 1];
        }
        using var scope = NewDisposeScope();
        return tensor(next, device: CPU).view(rows.Length, context).MoveToOuterDisposeScope();
    }
}
