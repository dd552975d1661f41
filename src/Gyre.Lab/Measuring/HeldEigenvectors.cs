using System.Globalization;
using Gyre.Lab.Curvature;
using Gyre.Lab.Dynamics;
using Gyre.Torch;
using static TorchSharp.torch;

namespace Gyre.Lab.Measuring;

/// <summary>
/// The eigenvectors of the last measurement before an instability, held until it is resolved: what they have turned by
/// then is the rotation across it. Memory: k·n numbers while one is open. Its state is in the checkpoint.
/// </summary>
internal sealed class HeldEigenvectors(ParameterLayout layout) : IDisposable
{
    private const string StatePrefix = "before_onset.";

    /// <summary>What is held, with its error bars; null where nothing is.</summary>
    public (KeptEigenvectors Kept, VectorErrors Errors)? Before { get; private set; }

    /// <summary>Holds a copy.</summary>
    /// <param name="before">Measured before the onset, or at the onset where nothing was.</param>
    /// <param name="errors">Error bars by step.</param>
    public void Begin(KeptEigenvectors before, IReadOnlyDictionary<long, VectorErrors> errors)
    {
        End();
        Before = (before with { Vectors = before.Vectors.clone().DetachFromDisposeScope() }, errors[before.Step]);
    }

    /// <summary>Holds nothing any more.</summary>
    public void End()
    {
        Before?.Kept.Vectors.Dispose();
        Before = null;
    }

    /// <summary>Adds what a checkpoint must hold.</summary>
    public void Save(Dictionary<string, Tensor> into)
    {
        if (Before is { } before)
            into[FormattableString.Invariant($"{StatePrefix}{before.Kept.Step}")] = before.Kept.Vectors;
    }

    /// <summary>Takes back what a checkpoint held.</summary>
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
