using Gyre.Torch;
using static TorchSharp.torch;

namespace Gyre.Lab.Objectives;

/// <summary>
/// How many chunks keep their graphs on a device, once that was measured: libtorch keeps what it frees there, so that a
/// second measurement in the same process would see nothing grow.
/// </summary>
internal sealed class CachePlan
{
    /// <summary>Null before it was measured.</summary>
    public int? Chunks { get; set; }
}

/// <summary>
/// Decides which chunks' gradient graphs stay in memory, from what the first ones were measured to take. On a device
/// whose memory cannot be asked for, none does.
/// </summary>
/// <param name="bytes">The budget.</param>
/// <param name="device">Whose memory it is.</param>
/// <param name="plan">Of the same graphs of the same objective; used on devices alone, since the count of the host's
/// memory is exact at any time.</param>
internal sealed class CacheBudget(long bytes, Device device, CachePlan plan)
{
    private readonly int? _planned = IsHost(device) ? null : plan.Chunks;
    private readonly long? _start = NativeMemory.UsedBytes(device);
    private int _kept;
    private long _used;
    private long _largest;

    /// <summary>Whether one more graph of the largest size seen fits; the first is built to be measured.</summary>
    public bool Admits() =>
        _planned is { } planned ? _kept < planned : _start is not null && _used + _largest <= bytes && bytes > 0;

    /// <summary>
    /// Takes note of what the last chunk left allocated, and says whether that stayed within the budget.
    /// </summary>
    public bool Keeps()
    {
        if (_planned is { } planned)
            return _kept++ < planned;
        if (_start is not { } start || NativeMemory.UsedBytes(device) is not { } now)
            return false;
        var used = now - start;
        _largest = Math.Max(_largest, used - _used);
        plan.Chunks ??= 0;
        if (used > bytes)
            return false;
        _used = used;
        plan.Chunks = ++_kept;
        return true;
    }

    private static bool IsHost(Device device) => device.type == TorchSharp.DeviceType.CPU;
}
