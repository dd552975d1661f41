namespace Gyre.Lab.Data;

/// <summary>SplitMix64 (Steele et al. 2014), because .NET does not guarantee a stable generator.</summary>
/// <param name="seed">The initial state.</param>
internal sealed class SplitMix(ulong seed)
{
    private ulong _state = seed;

    /// <summary>Creates the generator for one of many numbered draws from the same seed.</summary>
    public static SplitMix Create(int seed, long number) =>
        new((ulong)(uint)seed * 0xd1342543de82ef95UL + (ulong)number * 0x9e3779b97f4a7c15UL);

    /// <summary>Returns an integer of at least 0 and less than a bound.</summary>
    public int Below(int bound)
    {
        _state += 0x9e3779b97f4a7c15UL;
        var mixed = (_state ^ (_state >> 30)) * 0xbf58476d1ce4e5b9UL;
        mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebUL;
        mixed ^= mixed >> 31;
        return (int)(mixed % (ulong)bound);
    }

    /// <summary>Returns a number of at least 0 and less than 1.</summary>
    public double Uniform() => (Below(1 << 30) + Below(1 << 22) / (double)(1 << 22)) / (1 << 30);

    /// <summary>Returns a standard normal number (Box and Muller 1958).</summary>
    public double Normal() => Math.Sqrt(-2 * Math.Log(1 - Uniform())) * Math.Cos(2 * Math.PI * Uniform());

    /// <summary>Shuffles (Fisher–Yates).</summary>
    public void Shuffle(int[] items)
    {
        for (var i = items.Length - 1; i > 0; i--)
        {
            var j = Below(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }
}
