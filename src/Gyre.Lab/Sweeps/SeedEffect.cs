using Gyre.Lab.Data;
using Gyre.Lab.Optimizers;
using Gyre.Lab.Specs;

namespace Gyre.Lab.Sweeps;

/// <summary>Whether a seed changes what a run trains. Measurements begin at vectors drawn by seed too; they change no
/// step.</summary>
internal static class SeedEffect
{
    private const string Drawn = "balanced";

    /// <summary>
    /// Whether something of the training is drawn by seed: the start, the samples or their labels, the order of
    /// batches. Where this cannot
    /// be told before the files are read, it says yes; equal trainings are then told by their steps
    /// (<see cref="Claims.CellCopies"/>).
    /// </summary>
    public static bool Has(RunSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return DrawsStart(spec) || DrawsSamples(spec) || OptimizerCatalog.Get(spec.Optimizer.Name).DrawsSamples;
    }

    /// <summary>Of weights that have only a part of the network the rest is drawn.</summary>
    private static bool DrawsStart(RunSpec spec) =>
        spec.Model is { File.Length: 0, Start.Count: 0 } and not { Weights.Length: > 0, WeightsPartial: false };

    private static bool DrawsSamples(RunSpec spec)
    {
        var (data, source) = (spec.Data, DataCatalog.Get(spec.Data.Name));
        return data.LabelNoise > 0
            || source.IsDrawn
            || (source.DrawsHeldOut && data.HoldOut > 0)
            || (source.HasFiles && data.Samples > 0 && data.Subset == Drawn);
    }
}
