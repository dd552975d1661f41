using System.Runtime.InteropServices;

namespace Gyre.App.Commands;

/// <summary>How many files this process may open. Nothing here needs an assembly that is not loaded yet: loading one takes a descriptor.</summary>
internal static partial class Descriptors
{
    /// <summary>What the runtime, libtorch and a run's own files need, with room to spare. Chosen: at 100 the runtime still failed to start.</summary>
    public const int Needed = 256;

    private const int OpenFiles = 7; // RLIMIT_NOFILE of Linux

    /// <summary>The limit, where it is known and too low.</summary>
    public static long? TooFew()
    {
        if (!OperatingSystem.IsLinux())
            return null;
        Span<ulong> limits = stackalloc ulong[2]; // soft and hard
        return getrlimit(OpenFiles, ref limits[0]) == 0 && limits[0] < Needed ? (long)limits[0] : null;
    }

    [LibraryImport("libc")]
    private static partial int getrlimit(int resource, ref ulong limits);
}
