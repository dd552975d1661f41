using Gyre.Torch;
using static TorchSharp.torch;

namespace Gyre.Lab.Measuring;

/// <summary>
/// theta of the two previous steps, for measurements at the midpoint (theta(t−2) + 2·theta(t−1) + theta(t))/4. Costs
/// two vectors, and one copy per step.
/// </summary>
internal sealed class RecentThetas(ParameterLayout layout) : IDisposable
{
    private const string StatePrefix = "recent.";

    private readonly List<Tensor> _earlier = [];

    /// <summary>
    /// Returns what leads from theta(t) to the midpoint; zero at step 0, and three quarters of a step back at step 1.
    /// </summary>
    public Tensor ToMidpoint(Tensor theta)
    {
        using var scope = NewDisposeScope();
        var before = _earlier.Count > 0 ? _earlier[^1] : theta;
        var first = _earlier.Count > 1 ? _earlier[^2] : before;
        return ((first - theta) + (before - theta) * tensor(2.0, layout.Dtype, CPU))
            .mul_(tensor(0.25, layout.Dtype, CPU))
            .MoveToOuterDisposeScope();
    }

    /// <summary>Adds a copy of theta(t), before the update.</summary>
    public void Add(Tensor theta)
    {
        _earlier.Add(theta.detach().clone().DetachFromDisposeScope());
        if (_earlier.Count <= 2)
            return;
        _earlier[0].Dispose();
        _earlier.RemoveAt(0);
    }

    /// <summary>Adds what a checkpoint must contain.</summary>
    public void Save(Dictionary<string, Tensor> into)
    {
        for (var i = 0; i < _earlier.Count; i++)
            into[FormattableString.Invariant($"{StatePrefix}{i}")] = _earlier[i];
    }

    /// <summary>Restores the contents of a checkpoint.</summary>
    public void Restore(IReadOnlyDictionary<string, Tensor> from)
    {
        for (var i = 0; from.TryGetValue(FormattableString.Invariant($"{StatePrefix}{i}"), out var theta); i++)
            Add(theta.to(layout.Dtype, layout.Device));
    }

    public void Dispose()
    {
        foreach (var theta in _earlier)
            theta.Dispose();
    }
}
