using System.Diagnostics;
using System.Globalization;

namespace Gyre.Lab.Running;

/// <summary>The memory of a process.</summary>
/// <param name="Resident">Bytes in memory now.</param>
/// <param name="Peak">The most bytes in memory so far.</param>
internal readonly record struct ChildMemory(double Resident, double Peak);

/// <summary>Reads the memory of this machine, or of the part of it that this process may use. In bytes.</summary>
internal static class MachineMemory
{
    private const string Groups = "/sys/fs/cgroup";
    private const double Kilo = 1024;

    /// <summary>
    /// Returns what new processes can take now without anything being evicted: on Linux the memory that the kernel
    /// reports as available, or what the limit of a control group leaves if that is less.
    /// </summary>
    public static double Available()
    {
        if (!OperatingSystem.IsLinux())
        {
            GC.Collect(0); // the runtime's numbers date from the last collection
            var known = GC.GetGCMemoryInfo();
            return Math.Max(0, known.TotalAvailableMemoryBytes - known.MemoryLoadBytes);
        }
        var free = Field(Text("/proc/meminfo"), "MemAvailable:") * Kilo;
        return GroupFolders(Text("/proc/self/cgroup"))
            .Select(Left)
            .Prepend(double.IsNaN(free) ? double.PositiveInfinity : free)
            .Min();
    }

    /// <summary>Returns the memory of a process; null if it has ended or its memory is unknown.</summary>
    public static ChildMemory? TryReadProcess(int process)
    {
        if (OperatingSystem.IsLinux())
        {
            var status = Text($"/proc/{process.ToString(CultureInfo.InvariantCulture)}/status");
            return Field(status, "VmRSS:") is var resident and > 0 && Field(status, "VmHWM:") is var peak and > 0
                ? new ChildMemory(resident * Kilo, peak * Kilo)
                : null;
        }
        try
        {
            using var other = Process.GetProcessById(process);
            return new ChildMemory(other.WorkingSet64, other.PeakWorkingSet64);
        }
        catch (Exception error)
            when (error is ArgumentException or InvalidOperationException or PlatformNotSupportedException)
        {
            return null;
        }
    }

    /// <summary>Returns the number after a name at the beginning of a line; NaN if there is none.</summary>
    internal static double Field(string text, string name)
    {
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            if (!line.StartsWith(name, StringComparison.Ordinal))
                continue;
            var rest = line[name.Length..].Trim();
            var end = rest.IndexOfAnyExceptInRange('0', '9');
            var digits = end < 0 ? rest : rest[..end];
            return double.TryParse(digits, CultureInfo.InvariantCulture, out var number) ? number : double.NaN;
        }
        return double.NaN;
    }

    /// <summary>
    /// Returns the folders of the memory groups that contain a process, each with its parents, for both versions of
    /// control groups. A container may show its own group only at the top.
    /// </summary>
    /// <param name="groups">The contents of /proc/self/cgroup.</param>
    internal static IReadOnlyList<string> GroupFolders(string groups)
    {
        var folders = new List<string>();
        foreach (var parts in groups.Split('\n').Select(line => line.Split(':', 3)).Where(parts => parts.Length == 3))
        {
            var isUnified = parts[1].Length == 0; // version 2 names no controllers
            if (!isUnified && !parts[1].Split(',').Contains("memory"))
                continue;
            var top = isUnified ? Groups : $"{Groups}/memory";
            for (var path = parts[2].TrimEnd('/'); path.Length > 0; path = path[..path.LastIndexOf('/')])
                folders.Add(top + path);
            folders.Add(top);
        }
        return folders;
    }

    /// <summary>Returns what a group's limit leaves; cached files that are not in use count as free.</summary>
    internal static double Left(string folder)
    {
        var second = File.Exists($"{folder}/memory.max");
        if (
            !double.TryParse(
                Text(second ? $"{folder}/memory.max" : $"{folder}/memory.limit_in_bytes"),
                CultureInfo.InvariantCulture,
                out var limit
            )
            || !double.TryParse(
                Text(second ? $"{folder}/memory.current" : $"{folder}/memory.usage_in_bytes"),
                CultureInfo.InvariantCulture,
                out var used
            )
        )
        {
            return double.PositiveInfinity; // no limit, or no such group
        }
        var idle = Field(Text($"{folder}/memory.stat"), second ? "inactive_file " : "total_inactive_file ");
        return Math.Max(0, limit - used + (double.IsNaN(idle) ? 0 : idle));
    }

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
}
