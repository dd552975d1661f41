namespace Gyre.Lab.Data;

/// <summary>Wrong labels on purpose: how much a network has memorised shows where some cannot be learned.</summary>
internal static class LabelNoise
{
    /// <summary>
    /// Exactly round(share·N) of the chosen samples get another class, drawn uniformly from the others; the rest keep
    /// theirs.
    /// </summary>
    /// <param name="labels">Of all samples; not changed.</param>
    /// <param name="chosen">The training subset.</param>
    /// <param name="classes">Number of classes.</param>
    /// <param name="share">0 to 1.</param>
    /// <param name="seed">Of the draw.</param>
    /// <returns>Labels of all samples.</returns>
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
            throw new DataException("data.label_noise needs two classes at least.");
        int[] noisy = [.. labels],
            order = [.. chosen];
        var draw = new SplitMix((ulong)seed ^ 0x6e6f697365UL);
        draw.Shuffle(order);
        foreach (var sample in order.Take((int)Math.Round(share * order.Length, MidpointRounding.AwayFromZero)))
            noisy[sample] = (noisy[sample] + 1 + draw.Below(classes - 1)) % classes;
        return noisy;
    }
}
