using Gyre.Torch;
using static TorchSharp.torch;

namespace Gyre.Lab.Objectives;

/// <summary>
/// The number of chunks whose graphs stay on a device, remembered once measured: libtorch keeps the memory it frees
/// there, so a second measurement in the same process would see no growth.
/// </summary>
internal sealed class CachePlan
{
    /// <summary>The number of chunks, or null before the first measurement.</summary>
    public int? Chunks { get; set; }
}

/// <summary>
/// Decides which chunks' gradient graphs stay in memory, from the measured size of the first ones. If the device
/// cannot report its memory use, no graph stays.
/// </summary>
/// <param name="bytes">The budget.</param>
/// <param name="device">The device whose memory is measured.</param>
/// <param name="plan">The plan for the same graphs of the same objective. It is used on devices only, since the count
/// of host memory is exact at any time.</param>
internal sealed class CacheBudget(long bytes, Device device, CachePlan plan)
{
    private readonly int? _planned = IsHost(device) ? null : plan.Chunks;
    private readonly long? _start = NativeMemory.UsedBytes(device);
    private int _kept;
    private long _used;
    private long _largest;

    /// <summary>
    /// Whether one more graph of the largest size seen so far fits. The first graph is built in order to measure it.
    /// </summary>
    public bool Admits() =>
        _planned is { } planned ? _kept < planned : _start is not null && _used + _largest <= bytes && bytes > 0;

    /// <summary>
    /// Measures the memory that the last chunk left allocated and returns whether it stayed within the budget.
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
