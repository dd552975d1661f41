namespace Gyre.Lab.Specs;

/// <summary>
/// Independent seeds from the one seed of a spec. Every random draw of a run is made from (seed, purpose, step), never
/// from a generator
/// that lives on, so a resumed run draws what an undisturbed one would have drawn and a checkpoint needs no generator
/// state.
/// </summary>
internal static class Seeds
{
    /// <summary>
    /// A 63-bit seed, well mixed (the finaliser of SplitMix64, Steele et al. 2014), equal on every machine.
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

/// <summary>What a random draw is for.</summary>
internal enum Purpose
{
    Subset = 1,
    Initialization = 2,
    SolverStart = 3,
    ResolveStart = 4,
    Sketch = 5,
    TraceProbes = 6,
}
