using System.Runtime.InteropServices;

namespace Gyre.Torch;

/// <summary>The few functions of the GNU C library that Gyre calls; each does nothing where the process does not run on it.</summary>
internal static partial class Glibc
{
    private const int TrimThreshold = -1;
    private const int TopPad = -2;
    private const int MaxMmap = -4;
    private const int TopPadBytes = 256 * 1024 * 1024;

    /// <summary>Version of the running glibc, or null on another C library or operating system.</summary>
    public static string? Version { get; } = ReadVersion();

    /// <summary>
    /// Keeps freed activations in the heap instead of returning them to the kernel at every step: page faults cost a third of a
    /// gradient otherwise (measured: a small VGG on 1000 images, gradient 926 ms → 576 ms).
    /// </summary>
    /// <returns>False where the allocator is not glibc's or refused.</returns>
    public static bool TuneAllocator() =>
        Version is not null
        && mallopt(MaxMmap, 0) == 1
        && mallopt(TrimThreshold, int.MaxValue) == 1
        && mallopt(TopPad, TopPadBytes) == 1;

    /// <summary>Bytes that the C allocator has handed out and not got back, over all arenas; null where that cannot be read.</summary>
    public static long? AllocatedBytes()
    {
        if (Version is null)
            return null;
        try
        {
            var info = mallinfo2();
            return (long)(info.InUseBytes + info.MappedBytes);
        }
        catch (EntryPointNotFoundException)
        {
            return null; // glibc before 2.33
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

    [LibraryImport("libc.so.6")]
    private static partial MallInfo mallinfo2();

    [LibraryImport("libc.so.6")]
    private static partial nint gnu_get_libc_version();

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
