using System.Text;
using static TorchSharp.torch;

namespace Gyre.Lab.Data;

/// <summary>
/// What a source has read or made, before a subset is drawn: images (<see cref="DataSet"/>), numbers
/// (<see cref="NumberSet"/>), text (<see cref="TextSet"/>) or finished tensors.
/// </summary>
/// <param name="Name">Name in the catalog.</param>
/// <param name="Attribution">Who made it, under which licence, or where it is from.</param>
internal abstract record DataContent(string Name, string Attribution)
{
    /// <summary>What a reader of results should know of these files.</summary>
    public IReadOnlyList<string> Remarks { get; init; } = [];
}

/// <summary>
/// Tensors that the program makes by a formula: numbers to be met, not standardised, without a test set.
/// </summary>
/// <param name="Name">Name in the catalog.</param>
/// <param name="Inputs"><c>[N, ...]</c>.</param>
/// <param name="Targets"><c>[N, outputs]</c>.</param>
internal sealed record MadeTensors(string Name, Tensor Inputs, Tensor Targets)
    : DataContent(Name, "made by the program");

/// <summary>A text as numbers of characters.</summary>
/// <param name="Name">Name in the catalog.</param>
/// <param name="Vocabulary">The distinct characters, in the order of their code points; a character's number is its
/// place.</param>
/// <param name="Train">The first nine tenths.</param>
/// <param name="Test">The rest.</param>
/// <param name="Attribution">The file.</param>
internal sealed record TextSet(string Name, IReadOnlyList<Rune> Vocabulary, int[] Train, int[] Test, string Attribution)
    : DataContent(Name, Attribution);
