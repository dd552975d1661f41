using static TorchSharp.torch;

namespace Gyre.Lab.Curvature;

/// <summary>The k leading eigenvectors of one step, kept to measure rotation and to start the next solve.</summary>
/// <param name="Step">The step at which they were measured.</param>
/// <param name="Burst">Position in the burst.</param>
/// <param name="Vectors"><c>[k, n]</c>, orthonormal rows; owned by the history.</param>
internal sealed record KeptEigenvectors(long Step, int Burst, Tensor Vectors)
{
    /// <summary>Whether they were measured outside the regular bursts.</summary>
    public bool Follow { get; init; }

    /// <summary>Whether a regular burst began at this step.</summary>
    public bool StartsBurst => Burst == 0 && !Follow;
}

/// <summary>
/// The eigenvectors of the last two regular bursts, and of the last two measurements outside them. Owns its tensors:
/// at most (2·burst + 2)·k·n numbers.
/// </summary>
internal sealed class EigenpairHistory : IDisposable
{
    private readonly List<KeptEigenvectors> _kept = [];

    /// <summary>The kept eigenvectors, oldest first.</summary>
    public IReadOnlyList<KeptEigenvectors> Kept => _kept;

    /// <summary>
    /// Takes ownership of the vectors and detaches them from any dispose scope. The first step of a regular burst
    /// releases everything from before the previous burst.
    /// </summary>
    public void Add(KeptEigenvectors measured)
    {
        ArgumentNullException.ThrowIfNull(measured);
        measured.Vectors.DetachFromDisposeScope();
        if (measured.StartsBurst)
            Release(_kept.Take(_kept.FindLastIndex(kept => kept.StartsBurst)));
        else if (measured.Follow)
            Release(_kept.Where(kept => kept.Follow).SkipLast(1)); // lags 1 and 2 need no older ones
        _kept.Add(measured);
    }

    /// <summary>Returns the vectors measured at exactly this step, or null.</summary>
    public KeptEigenvectors? At(long step) => _kept.Find(kept => kept.Step == step);

    /// <summary>Returns the latest first step of a regular burst, or null.</summary>
    public KeptEigenvectors? LastBurstStart() => _kept.FindLast(kept => kept.StartsBurst);

    /// <summary>
    /// Returns the best guess at the eigenvectors of <paramref name="step"/>: the latest ones kept at an even
    /// distance, because iterates at the edge of stability bounce with period 2; otherwise the latest ones. Null if
    /// the history is empty.
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
