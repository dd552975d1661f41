using System.Diagnostics;

namespace Gyre.Torch;

/// <summary>Memory outside of the managed heap.</summary>
public static class NativeMemory
{
    /// <summary>
    /// Bytes that native code holds now. From glibc's allocator, exact and free of page effects; elsewhere the resident size of the process, which
    /// never falls as promptly.
    /// </summary>
    public static long AllocatedBytes()
    {
        if (Glibc.AllocatedBytes() is { } exact)
            return exact;
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }
}
