using static TorchSharp.torch;

namespace Gyre.Lab.Curvature;

/// <summary>
/// The k leading eigenvectors of one step, kept to measure rotation against and to start the next solve from.
/// </summary>
/// <param name="Step">Where they were measured.</param>
/// <param name="Burst">Position in the burst.</param>
/// <param name="Vectors"><c>[k, n]</c>, orthonormal rows; owned by the history.</param>
internal sealed record KeptEigenvectors(long Step, int Burst, Tensor Vectors)
{
    /// <summary>Whether they were measured beyond the regular bursts.</summary>
    public bool Follow { get; init; }

    /// <summary>Whether a regular burst began here.</summary>
    public bool StartsBurst => Burst == 0 && !Follow;
}

/// <summary>
/// Eigenvectors of the last two regular bursts, and of the last two measurements beyond them. Owns its tensors:
/// (2·burst + 2)·k·n numbers at most.
/// </summary>
internal sealed class EigenpairHistory : IDisposable
{
    private readonly List<KeptEigenvectors> _kept = [];

    /// <summary>What is kept, oldest first.</summary>
    public IReadOnlyList<KeptEigenvectors> Kept => _kept;

    /// <summary>
    /// Takes over the vectors (out of any dispose scope); at a regular burst's first step all before the burst before
    /// it is released.
    /// </summary>
    public void Add(KeptEigenvectors measured)
    {
        ArgumentNullException.ThrowIfNull(measured);
        measured.Vectors.DetachFromDisposeScope();
        if (measured.StartsBurst)
            Release(_kept.Take(_kept.FindLastIndex(kept => kept.StartsBurst)));
        else if (measured.Follow)
            Release(_kept.Where(kept => kept.Follow).SkipLast(1)); // lags 1 and 2 need no more
        _kept.Add(measured);
    }

    /// <summary>The vectors measured at exactly this step, or null.</summary>
    public KeptEigenvectors? At(long step) => _kept.Find(kept => kept.Step == step);

    /// <summary>The latest first step of a regular burst, or null.</summary>
    public KeptEigenvectors? LastBurstStart() => _kept.FindLast(kept => kept.StartsBurst);

    /// <summary>
    /// The best guess at the eigenvectors of <paramref name="step"/>: the latest kept at an even distance, because at
    /// the edge of stability
    /// iterates bounce with period 2; failing that the latest; null when nothing is kept.
    /// </summary>
    public KeptEigenvectors? BestGuess(long step) =>
        _kept.FindLast(kept => (step - kept.Step) % 2 == 0) ?? _kept.LastOrDefault();

    /// <inheritdoc/>
    public void Dispose() => Release(_kept);

    private void Release(IEnumerable<KeptEigenvectors> which)
    {
        foreach (var old in which.ToArray())
        {
            old.Vectors.Dispose();
            _kept.Remove(old);
        }
    }
}
