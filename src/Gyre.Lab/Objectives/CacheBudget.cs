using Gyre.Torch;

namespace Gyre.Lab.Objectives;

/// <summary>Decides which chunks' gradient graphs stay in memory, from what the first ones were measured to take.</summary>
/// <param name="bytes">The budget.</param>
internal sealed class CacheBudget(long bytes)
{
    private readonly long _start = NativeMemory.AllocatedBytes();
    private long _used;
    private long _largest;

    /// <summary>Whether one more graph of the largest size seen fits; the first is built to be measured.</summary>
    public bool Admits() => _used + _largest <= bytes && bytes > 0;

    /// <summary>Takes note of what the last chunk left allocated, and says whether that stayed within the budget.</summary>
    public bool Keeps()
    {
        var used = NativeMemory.AllocatedBytes() - _start;
        _largest = Math.Max(_largest, used - _used);
        if (used > bytes)
            return false;
        _used = used;
        return true;
    }
}
