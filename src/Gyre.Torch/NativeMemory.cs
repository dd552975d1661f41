namespace Gyre.Torch;

/// <summary>Memory that the collector does not see: tensors live in it.</summary>
internal static class NativeMemory
{
    /// <summary>
    /// Bytes the C allocator has handed out and not got back (glibc); elsewhere the process's resident memory, which
    /// also counts the managed heap and
    /// pages kept for later. Compare only values of one process. Costs microseconds.
    /// </summary>
    public static long AllocatedBytes() => Glibc.AllocatedBytes() ?? Environment.WorkingSet;

    /// <summary>
    /// Bytes in use of a device's memory: of the CPU, <see cref="AllocatedBytes"/>; of a CUDA device, what its driver
    /// counts, other processes and what libtorch keeps for later included. Null where nobody says.
    /// Compare only values of one process and device.
    /// </summary>
    public static long? UsedBytes(TorchSharp.torch.Device device)
    {
        ArgumentNullException.ThrowIfNull(device);
        return device.type switch
        {
            TorchSharp.DeviceType.CPU => AllocatedBytes(),
            TorchSharp.DeviceType.CUDA => CudaDriver.Here?.UsedBytes(Math.Max(device.index, 0)),
            _ => null,
        };
    }

    /// <summary>
    /// Bytes that are free of a CUDA device's memory, whoever has the rest; null of another device, and where nobody
    /// says.
    /// </summary>
    public static long? FreeBytes(TorchSharp.torch.Device device)
    {
        ArgumentNullException.ThrowIfNull(device);
        return device.type == TorchSharp.DeviceType.CUDA ? CudaDriver.Here?.FreeBytes(Math.Max(device.index, 0)) : null;
    }

    /// <summary>
    /// Whether <see cref="AllocatedBytes"/> counts allocations exactly or falls back on resident memory.
    /// </summary>
    public static bool IsExact => Glibc.AllocatedBytes() is not null;
}
