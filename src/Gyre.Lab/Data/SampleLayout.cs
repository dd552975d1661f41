namespace Gyre.Lab.Data;

/// <summary>Guesses from the shape of a sample whether its channels are last instead of first.</summary>
internal static class SampleLayout
{
    private const int MostColors = 4;

    /// <summary>
    /// Returns a remark if the last of three dimensions looks like channels and the first does not; null otherwise.
    /// </summary>
    public static string? Remark(IReadOnlyList<int> shape)
    {
        var looksLast =
            shape is [var first, var second, var last]
            && ((first > MostColors && last <= MostColors) || (first == second && second != last && first > 1));
        return looksLast
            ? $"a sample has shape [{string.Join(", ", shape)}], read with channels first as "
                + $"{shape[0]} channels of {shape[1]} by {shape[2]}. If the last dimension is the channels, save "
                + $"numpy.moveaxis(x, -1, 1), which gives samples of shape [{shape[2]}, {shape[0]}, {shape[1]}]"
            : null;
    }

    /// <summary>Returns the remark for a data set.</summary>
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
