using System.Text;
using static TorchSharp.torch;

namespace Gyre.Lab.Data;

/// <summary>
/// A text, character by character. A character is a code point of Unicode, however many units or bytes it takes.
/// </summary>
internal static class TextFile
{
    private const int MostBytes = 1 << 30;

    /// <summary>Reads a file as UTF-8; the last tenth of its characters is held out.</summary>
    /// <exception cref="DataException">It cannot be read, is no text, or too short for one sequence and its next
    /// character.</exception>
    public static TextSet Read(string path, int context)
    {
        Rune[] text = [.. UserFile.Text(path, MostBytes).EnumerateRunes()];
        var train = text.Length - text.Length / 10;
        if (train <= context)
        {
            throw new DataException(
                $"{UserFile.Shown(path, UserFile.PathLetters)} has {text.Length} characters, {train} of them "
                    + "to train on: "
                    + $"too short for a sequence of data.context = {context} and the character after it. "
                    + "Set data.context lower, or take a longer text."
            );
        }
        Rune[] vocabulary = [.. text.Distinct().Order()];
        var places = vocabulary.Index().ToDictionary(one => one.Item, one => one.Index);
        var numbers = Array.ConvertAll(text, letter => places[letter]);
        return new TextSet("text", vocabulary, numbers[..train], numbers[train..], $"text of {Path.GetFullPath(path)}")
        {
            Remarks = [$"{text.Length} characters, {vocabulary.Length} different ones"],
        };
    }
}

/// <summary>Sequences of a text that do not overlap, and the characters after each of theirs.</summary>
/// <param name="text">Numbers of characters.</param>
/// <param name="context">T.</param>
/// <param name="chosen">Which sequences.</param>
/// <param name="layout">Chunks, budget, device.</param>
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
