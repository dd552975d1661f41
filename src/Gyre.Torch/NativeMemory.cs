namespace Gyre.Torch;

/// <summary>Memory that the collector does not see: tensors live in it.</summary>
public static class NativeMemory
{
    /// <summary>
    /// Bytes the C allocator has handed out and not got back (glibc); elsewhere the process's resident memory, which also counts the managed heap and
    /// pages kept for later. Compare only values of one process. Costs microseconds.
    /// </summary>
    public static long AllocatedBytes() => Glibc.AllocatedBytes() ?? Environment.WorkingSet;

    /// <summary>Whether <see cref="AllocatedBytes"/> counts allocations exactly or falls back on resident memory.</summary>
    public static bool IsExact => Glibc.AllocatedBytes() is not null;
}
