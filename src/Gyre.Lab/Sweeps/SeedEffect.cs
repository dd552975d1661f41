using Gyre.Lab.Data;
using Gyre.Lab.Optimizers;
using Gyre.Lab.Specs;

namespace Gyre.Lab.Sweeps;

/// <summary>
/// Decides whether a seed changes the training of a run. The start vectors of measurements are also drawn by seed,
/// but they change no step.
/// </summary>
internal static class SeedEffect
{
    private const string Drawn = "balanced";

    /// <summary>
    /// Returns whether any part of the training is drawn by seed: the start, the samples or their labels, or the
    /// order of batches. Returns true if this is unknown before the files are read; equal trainings are then
    /// recognized by their steps (<see cref="Claims.CellCopies"/>).
    /// </summary>
    public static bool Has(RunSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return DrawsStart(spec) || DrawsSamples(spec) || OptimizerCatalog.Get(spec.Optimizer.Name).DrawsSamples;
    }

    /// <summary>If the weights cover only a part of the network, the rest is drawn.</summary>
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
