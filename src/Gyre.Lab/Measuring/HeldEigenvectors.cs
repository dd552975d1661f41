using System.Globalization;
using Gyre.Lab.Curvature;
using Gyre.Lab.Dynamics;
using Gyre.Torch;
using static TorchSharp.torch;

namespace Gyre.Lab.Measuring;

/// <summary>
/// Holds the eigenvectors of the last measurement before an instability until it is resolved; the rotation across the
/// instability is how far they have rotated by then. Memory: k·n numbers while an instability is open. The state is
/// in the checkpoint.
/// </summary>
internal sealed class HeldEigenvectors(ParameterLayout layout) : IDisposable
{
    private const string StatePrefix = "before_onset.";

    /// <summary>The held eigenvectors with their error bars; null if there are none.</summary>
    public (KeptEigenvectors Kept, VectorErrors Errors)? Before { get; private set; }

    /// <summary>Holds a copy of the given eigenvectors.</summary>
    /// <param name="before">Eigenvectors measured before the onset, or at the onset if there are none from
    /// before.</param>
    /// <param name="errors">Error bars by step.</param>
    public void Begin(KeptEigenvectors before, IReadOnlyDictionary<long, VectorErrors> errors)
    {
        End();
        Before = (before with { Vectors = before.Vectors.clone().DetachFromDisposeScope() }, errors[before.Step]);
    }

    /// <summary>Releases the held eigenvectors.</summary>
    public void End()
    {
        Before?.Kept.Vectors.Dispose();
        Before = null;
    }

    /// <summary>Adds what a checkpoint must contain.</summary>
    public void Save(Dictionary<string, Tensor> into)
    {
        if (Before is { } before)
            into[FormattableString.Invariant($"{StatePrefix}{before.Kept.Step}")] = before.Kept.Vectors;
    }

    /// <summary>Restores the contents of a checkpoint.</summary>
    public void Restore(IReadOnlyDictionary<string, Tensor> from, IReadOnlyDictionary<long, VectorErrors> errors)
    {
        foreach (var (name, vectors) in from.Where(pair => pair.Key.StartsWith(StatePrefix, StringComparison.Ordinal)))
            Begin(
                new KeptEigenvectors(
                    long.Parse(name[StatePrefix.Length..], CultureInfo.InvariantCulture),
                    0,
                    vectors.to(layout.Dtype, layout.Device)
                ),
                errors
            );
    }

    public void Dispose() => End();
}
