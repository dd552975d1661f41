using System.Numerics;
using System.Runtime.InteropServices;

namespace Gyre.App.Processes;

/// <summary>
/// Checks the system's limits for this process before anything is loaded: each assembly takes a descriptor, and a
/// runtime that cannot start threads hangs or dies at an arbitrary place.
/// </summary>
/// <remarks>
/// Uses only the core library, and prints its message by a system call, since a console needs descriptors too.
/// </remarks>
internal static partial class SystemLimits
{
    /// <summary>
    /// The number of free descriptors that a command needs. Chosen: commands died with limits up to 100, so this
    /// leaves room for the runtime, libtorch and the files of a run.
    /// </summary>
    private const int Files = 224;

    private const int FileLimit = 7; // RLIMIT_NOFILE of Linux
    private const int GetFlags = 1; // F_GETFD
    private const int StandardError = 2;
    private const ulong Many = 4096; // a higher limit is not an intentional one

    /// <summary>Prints to standard error which limit is too low, and how to raise it.</summary>
    /// <returns>Whether a limit is too low.</returns>
    public static unsafe bool AreTooLow()
    {
        if (!OperatingSystem.IsLinux() || (FilesSentence() ?? TaskLimits.Sentence()) is not { } sentence)
            return false;
        var bytes = stackalloc byte[sentence.Length];
        for (var i = 0; i < sentence.Length; i++)
            bytes[i] = (byte)sentence[i];
        write(StandardError, bytes, (nuint)sentence.Length);
        return true;
    }

    /// <summary>Returns the limit in force; null if there is none, or one too high to matter here.</summary>
    internal static ulong? Limit(int resource)
    {
        Span<ulong> limits = stackalloc ulong[2]; // soft and hard
        return getrlimit(resource, ref limits[0]) == 0 && limits[0] < Many ? limits[0] : null;
    }

    /// <summary>Rounds up to a power of two, as people set such limits.</summary>
    internal static ulong Rounded(ulong value) => BitOperations.RoundUpToPowerOf2(value);

    private static string? FilesSentence()
    {
        if (Limit(FileLimit) is not { } limit)
            return null;
        var open = 0UL;
        for (var descriptor = 0; descriptor < (int)limit; descriptor++)
            open += fcntl(descriptor, GetFlags) < 0 ? 0UL : 1UL;
        return limit - open >= Files
            ? null
            : "The limit of open files is too low: "
                + limit
                + ", of which "
                + open
                + " are, and "
                + Files
                + " more are needed. Set it with ulimit -n "
                + Rounded(open + Files)
                + ".\n";
    }

    [LibraryImport("libc")]
    private static partial int getrlimit(int resource, ref ulong limits);

    [LibraryImport("libc")]
    private static partial int fcntl(int descriptor, int command);

    [LibraryImport("libc")]
    private static unsafe partial nint write(int descriptor, byte* bytes, nuint count);
}
