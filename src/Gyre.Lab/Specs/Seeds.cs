namespace Gyre.Lab.Specs;

/// <summary>
/// Derives independent seeds from the one seed of a spec. Every random draw of a run is made from (seed, purpose,
/// step), never from a generator with state. A resumed run therefore draws the same numbers as an uninterrupted one,
/// and checkpoints need no generator state.
/// </summary>
internal static class Seeds
{
    /// <summary>
    /// Returns a 63-bit seed, mixed by the finalizer of SplitMix64 (Steele et al. 2014), equal on every machine.
    /// </summary>
    public static long For(int seed, Purpose purpose, long step = 0)
    {
        var mixed = Mix((ulong)(uint)seed + ((ulong)purpose << 32));
        return (long)(Mix(mixed + (ulong)step) >> 1);
    }

    private static ulong Mix(ulong value)
    {
        value += 0x9e3779b97f4a7c15UL;
        value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9UL;
        value = (value ^ (value >> 27)) * 0x94d049bb133111ebUL;
        return value ^ (value >> 31);
    }
}

/// <summary>The purposes of random draws.</summary>
internal enum Purpose
{
    Subset = 1,
    Initialization = 2,
    SolverStart = 3,
    ResolveStart = 4,
    Sketch = 5,
    TraceProbes = 6,
}
