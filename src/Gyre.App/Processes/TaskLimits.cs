using System.Globalization;
using System.Runtime.InteropServices;

namespace Gyre.App.Processes;

/// <summary>
/// Checks whether enough processes and threads can be started, by the limits of the user and of the control group.
/// </summary>
/// <remarks>Uses only the core library, like <see cref="SystemLimits"/>.</remarks>
internal static partial class TaskLimits
{
    /// <summary>
    /// The number of free processes and threads that a command needs. Chosen: a run is two runtimes of a dozen
    /// threads, and died or hung with limits of 8 to 24; a sweep has one such process per job.
    /// </summary>
    private const ulong Needed = 64;

    private const int Limit = 6; // RLIMIT_NPROC of Linux
    private const uint Root = 0; // root has no such limit
    private const string Groups = "/sys/fs/cgroup";

    /// <summary>Returns which limit is too low, and the remedy; null if none is.</summary>
    public static string? Sentence() => FindUserLimit() ?? FindGroupLimit();

    private static string? FindUserLimit()
    {
        if (getuid() is var user && user == Root || SystemLimits.Limit(Limit) is not { } limit)
            return null;
        var used = Used(user);
        return limit >= used + Needed
            ? null
            : DescribeUse(limit, used, "this user's")
                + "Set it with ulimit -u "
                + SystemLimits.Rounded(used + Needed)
                + ".\n";
    }

    private static string? FindGroupLimit()
    {
        var group = Text("/proc/self/cgroup").Trim();
        var folder = group.StartsWith("0::/", StringComparison.Ordinal) ? Groups + group[3..] : Groups;
        if (Number(folder + "/pids.max") is not { } limit || Number(folder + "/pids.current") is not { } used)
            return null;
        return limit >= used + Needed
            ? null
            : DescribeUse(limit, used, "taken")
                + "It is the limit of the control group: a container's --pids-limit, or a service's TasksMax.\n";
    }

    private static string DescribeUse(ulong limit, ulong used, string whose) =>
        "The limit of processes and threads is too low: "
        + limit
        + ", of which "
        + used
        + " are "
        + whose
        + ", and "
        + Needed
        + " more are needed, and in a sweep for each job. ";

    /// <summary>Counts the threads of all processes of a user, the kernel's measure.</summary>
    private static ulong Used(uint user)
    {
        var count = 0UL;
        foreach (var process in Directory.EnumerateDirectories("/proc"))
        {
            var status = char.IsAsciiDigit(process[^1]) ? Text(process + "/status") : "";
            count += Field(status, "\nUid:\t") == user ? Field(status, "\nThreads:\t") ?? 0 : 0;
        }
        return count;
    }

    private static ulong? Field(string status, string name)
    {
        var begin = status.IndexOf(name, StringComparison.Ordinal);
        if (begin < 0)
            return null;
        var value = 0UL;
        for (var i = begin + name.Length; i < status.Length && char.IsAsciiDigit(status[i]); i++)
            value = 10 * value + (ulong)(status[i] - '0');
        return value;
    }

    /// <summary>
    /// Returns the contents of a file with one number; null if the file is missing or contains "max".
    /// </summary>
    private static ulong? Number(string path) =>
        ulong.TryParse(Text(path), NumberStyles.Integer, CultureInfo.InvariantCulture, out var value) ? value : null;

    /// <summary>Returns the text of a kernel file; empty if the file is missing or has disappeared.</summary>
    private static string Text(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    [LibraryImport("libc")]
    private static partial uint getuid();
}
