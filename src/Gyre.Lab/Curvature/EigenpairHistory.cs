using static TorchSharp.torch;

namespace Gyre.Lab.Curvature;

/// <summary>The k leading eigenvectors of one step, kept to measure rotation against and to start the next solve from.</summary>
/// <param name="Step">Where they were measured.</param>
/// <param name="Burst">Position in the burst.</param>
/// <param name="Vectors"><c>[k, n]</c>, orthonormal rows; owned by the history.</param>
public sealed record KeptEigenvectors(long Step, int Burst, Tensor Vectors);

/// <summary>
/// Eigenvectors of the last two bursts. Owns its tensors: 2·burst·k·n numbers at most.
/// </summary>
public sealed class EigenpairHistory : IDisposable
{
    private readonly List<KeptEigenvectors> _kept = [];

    /// <summary>What is kept, oldest first.</summary>
    public IReadOnlyList<KeptEigenvectors> Kept => _kept;

    /// <summary>Takes over the vectors (out of any dispose scope); at a burst's first step the burst before the last is released.</summary>
    public void Add(KeptEigenvectors measured)
    {
        ArgumentNullException.ThrowIfNull(measured);
        measured.Vectors.DetachFromDisposeScope();
        if (measured.Burst == 0)
        {
            var lastStart = _kept.FindLastIndex(kept => kept.Burst == 0);
            foreach (var old in _kept.Take(Math.Max(lastStart, 0)))
                old.Vectors.Dispose();
            _kept.RemoveRange(0, Math.Max(lastStart, 0));
        }
        _kept.Add(measured);
    }

    /// <summary>The vectors measured at exactly this step, or null.</summary>
    public KeptEigenvectors? At(long step) => _kept.Find(kept => kept.Step == step);

    /// <summary>The latest first step of a burst, or null.</summary>
    public KeptEigenvectors? LastBurstStart() => _kept.FindLast(kept => kept.Burst == 0);

    /// <summary>
    /// The best guess at the eigenvectors of <paramref name="step"/>: the latest kept at an even distance, because at the edge of stability
    /// iterates bounce with period 2; failing that the latest; null when nothing is kept.
    /// </summary>
    public KeptEigenvectors? BestGuess(long step) =>
        _kept.FindLast(kept => (step - kept.Step) % 2 == 0) ?? _kept.LastOrDefault();

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var kept in _kept)
            kept.Vectors.Dispose();
        _kept.Clear();
    }
}
