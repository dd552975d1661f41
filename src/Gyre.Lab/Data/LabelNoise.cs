namespace Gyre.Lab.Data;

/// <summary>Replaces labels on purpose, to measure how much a network memorizes.</summary>
internal static class LabelNoise
{
    /// <summary>
    /// Gives exactly round(share·N) of the chosen samples another class, drawn uniformly from the others.
    /// </summary>
    /// <param name="labels">Labels of all samples; not changed.</param>
    /// <param name="chosen">The training subset.</param>
    /// <param name="classes">The number of classes.</param>
    /// <param name="share">The share of labels to replace, 0 to 1.</param>
    /// <param name="seed">Seed for the draw.</param>
    /// <returns>Labels of all samples, some of them replaced.</returns>
    public static int[] Apply(
        IReadOnlyList<int> labels,
        IReadOnlyList<int> chosen,
        int classes,
        double share,
        long seed
    )
    {
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentNullException.ThrowIfNull(chosen);
        if (classes < 2)
            throw new DataException("data.label_noise needs at least two classes.");
        int[] noisy = [.. labels],
            order = [.. chosen];
        var draw = new SplitMix((ulong)seed ^ 0x6e6f697365UL);
        draw.Shuffle(order);
        foreach (var sample in order.Take((int)Math.Round(share * order.Length, MidpointRounding.AwayFromZero)))
            noisy[sample] = (noisy[sample] + 1 + draw.Below(classes - 1)) % classes;
        return noisy;
    }
}
