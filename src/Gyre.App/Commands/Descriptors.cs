using System.Runtime.InteropServices;

namespace Gyre.App.Commands;

/// <summary>The limit on files that this process may open, asked before anything is loaded: each assembly takes a descriptor.</summary>
internal static partial class Descriptors
{
    /// <summary>
    /// Descriptors that a command needs. Chosen: with limits up to 100 commands were seen to die with a stack trace, so this leaves room for
    /// the runtime, libtorch and the files of a run.
    /// </summary>
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
