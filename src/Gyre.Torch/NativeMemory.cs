namespace Gyre.Torch;

/// <summary>Measures the memory that the garbage collector does not see; tensors live in it.</summary>
internal static class NativeMemory
{
    /// <summary>
    /// Returns the bytes that the C allocator has handed out and that have not been freed (glibc). Elsewhere it
    /// returns the process's resident memory, which also counts the managed heap and pages kept for later use.
    /// Compare only values of the same process. Costs microseconds.
    /// </summary>
    public static long AllocatedBytes() => Glibc.AllocatedBytes() ?? Environment.WorkingSet;

    /// <summary>
    /// Returns the bytes of a device's memory that are in use. For the CPU, this is <see cref="AllocatedBytes"/>. For
    /// a CUDA device, it is the driver's count, which includes other processes and the memory that libtorch keeps for
    /// later use. Null if the count is not available. Compare only values of the same process and device.
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
    /// Returns the bytes of a CUDA device's memory that no process uses; null for any other device, and if the count
    /// is not available.
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
