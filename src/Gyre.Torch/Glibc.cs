using System.Runtime.InteropServices;

namespace Gyre.Torch;

/// <summary>
/// Calls the few functions of the GNU C library that Gyre needs; each does nothing if the process does not use glibc.
/// </summary>
internal static partial class Glibc
{
    private const int TrimThreshold = -1;
    private const int TopPad = -2;
    private const int MaxMmap = -4;
    private const int TopPadBytes = 256 * 1024 * 1024;

    private const int DataLimit = 2; // RLIMIT_DATA of resource.h

    private const int ProbeBytes = 64 * 1024 * 1024;

    /// <summary>The version of the running glibc, or null on another C library or operating system.</summary>
    public static string? Version { get; } = ReadVersion();

    /// <summary>
    /// Whether malloc is glibc's own. False on other systems and if another allocator (such as jemalloc) was
    /// preloaded, whose memory glibc neither tunes nor counts.
    /// </summary>
    public static bool OwnsAllocator { get; } = Version is not null && CountsWhatMallocGives();

    /// <summary>
    /// Keeps freed activations in the heap instead of returning them to the kernel at every step. Page faults would
    /// otherwise cost a third of a gradient (measured: a small VGG on 1000 images, gradient 926 ms → 576 ms).
    /// </summary>
    /// <returns>False if the allocator is not glibc's, or if it refused.</returns>
    public static bool TuneAllocator() =>
        OwnsAllocator
        && mallopt(MaxMmap, 0) == 1
        && mallopt(TrimThreshold, int.MaxValue) == 1
        && mallopt(TopPad, TopPadBytes) == 1;

    /// <summary>
    /// Sets defaults for variables that libraries read from the environment once, when they are loaded; call it
    /// before libtorch is loaded. A value that the user has set is kept.
    /// </summary>
    /// <param name="forCuda">Whether the libtorch to be loaded is a CUDA build.</param>
    public static void SetDefaults(bool forCuda)
    {
        SpinBriefly();
        // cuBLAS gives the same bits at every call only with a workspace of fixed size (docs/decisions/0010-gpu.md).
        if (Version is not null && forCuda)
            _ = setenv("CUBLAS_WORKSPACE_CONFIG", ":4096:8", 0);
    }

    /// <summary>
    /// Makes OpenMP's threads spin for only microseconds while they wait for each other, then sleep. By default they
    /// spin for milliseconds, and alongside other programs a barrier then costs time slices
    /// (docs/decisions/0004-waiting-threads.md). Results do not depend on it. A wait policy that the user has set is
    /// kept. Call it before libtorch is loaded: OpenMP reads the variable once.
    /// </summary>
    private static void SpinBriefly()
    {
        if (Version is not null && Environment.GetEnvironmentVariable("OMP_WAIT_POLICY") is null)
            _ = setenv("GOMP_SPINCOUNT", "2000", 0);
    }

    /// <summary>
    /// Returns the bytes that the C allocator has handed out and that have not been freed, over all arenas; null if
    /// the count is not available.
    /// </summary>
    public static long? AllocatedBytes()
    {
        if (!OwnsAllocator)
            return null;
        try
        {
            return Counted();
        }
        catch (EntryPointNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Ends the process immediately, without running any exit handler.</summary>
    /// <returns>False if the function is not available.</returns>
    public static bool EndProcess(int exitCode)
    {
        if (Version is null)
            return false;
        _exit(exitCode);
        return true;
    }

    /// <summary>Limits the process's memory for data (RLIMIT_DATA).</summary>
    /// <returns>Whether the limit was set.</returns>
    public static bool LimitData(long bytes)
    {
        if (Version is null)
            return false;
        var limit = new ResourceLimit { Soft = (nuint)bytes, Hard = (nuint)bytes };
        return setrlimit(DataLimit, ref limit) == 0;
    }

    private static long Counted()
    {
        var info = mallinfo2();
        return (long)(info.InUseBytes + info.MappedBytes);
    }

    /// <summary>
    /// Allocates a large block, which costs nothing while it is not touched, and checks whether glibc's count rises
    /// by its size.
    /// </summary>
    private static unsafe bool CountsWhatMallocGives()
    {
        try
        {
            var before = Counted();
            var block = System.Runtime.InteropServices.NativeMemory.Alloc(ProbeBytes);
            var risen = Counted() - before;
            System.Runtime.InteropServices.NativeMemory.Free(block);
            return risen > ProbeBytes / 2; // other threads may have freed memory meanwhile
        }
        catch (EntryPointNotFoundException)
        {
            return true; // glibc before 2.33 has no such count; tuning an unused glibc does no harm
        }
    }

    private static string? ReadVersion()
    {
        if (!OperatingSystem.IsLinux())
            return null;
        try
        {
            return Marshal.PtrToStringUTF8(gnu_get_libc_version());
        }
        catch (Exception error) when (error is DllNotFoundException or EntryPointNotFoundException)
        {
            return null;
        }
    }

    [LibraryImport("libc.so.6")]
    private static partial int mallopt(int parameter, int value);

    [LibraryImport("libc.so.6", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int setenv(string name, string value, int overwrite);

    [LibraryImport("libc.so.6")]
    private static partial MallInfo mallinfo2();

    [LibraryImport("libc.so.6")]
    private static partial nint gnu_get_libc_version();

    [LibraryImport("libc.so.6")]
    private static partial void _exit(int status);

    [LibraryImport("libc.so.6")]
    private static partial int setrlimit(int resource, ref ResourceLimit limit);

    /// <summary>struct rlimit of resource.h.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct ResourceLimit
    {
        public nuint Soft;
        public nuint Hard;
    }

    /// <summary>struct mallinfo2 of malloc.h.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private readonly struct MallInfo
    {
        public readonly nuint ArenaBytes;
        public readonly nuint FreeChunks;
        public readonly nuint FastBinChunks;
        public readonly nuint MappedRegions;
        public readonly nuint MappedBytes;
        public readonly nuint Unused;
        public readonly nuint FastBinBytes;
        public readonly nuint InUseBytes;
        public readonly nuint FreeBytes;
        public readonly nuint TrimmableBytes;
    }
}
