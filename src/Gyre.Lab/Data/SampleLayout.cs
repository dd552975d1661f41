namespace Gyre.Lab.Data;

/// <summary>What the sizes of a sample say of their order.</summary>
internal static class SampleLayout
{
    private const int MostColors = 4;

    /// <summary>
    /// A remark where the last of three sizes looks like channels and the first does not; null otherwise.
    /// </summary>
    public static string? Remark(IReadOnlyList<int> shape)
    {
        var looksLast =
            shape is [var first, var second, var last]
            && ((first > MostColors && last <= MostColors) || (first == second && second != last && first > 1));
        return looksLast
            ? $"a sample is [{string.Join(", ", shape)}], and channels come first here: it is read as "
                + $"{shape[0]} channels of {shape[1]} by "
                + $"{shape[2]}. The last size looks like channels: if it is, save numpy.moveaxis(x, -1, 1), "
                + "which makes samples "
                + $"[{shape[2]}, {shape[0]}, {shape[1]}]"
            : null;
    }

    /// <summary>The remark of a data set.</summary>
    public static IEnumerable<string> Remarks(DataContent content) =>
        Remark(
            content switch
            {
                DataSet images => images.Train.SampleShape,
                NumberSet numbers => numbers.Train.SampleShape,
                MadeTensors made => [.. made.Inputs.shape[1..].Select(size => (int)size)],
                _ => [],
            }
        )
            is { } remark
            ? [remark]
            : [];
}
