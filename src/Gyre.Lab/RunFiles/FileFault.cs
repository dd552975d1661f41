namespace Gyre.Lab.RunFiles;

/// <summary>Suggests a remedy for a failure of the file system, by its kind.</summary>
internal static class FileFault
{
    private const string Writable = "mount it for writing, or work on a copy of the folder elsewhere";
    private const string Again = "and give the same command again: finished work is kept.";

    // Error numbers of Linux and macOS, then of Windows.
    private static readonly int[] ReadOnly = [30, unchecked((int)0x80070013)];
    private static readonly int[] Full = [28, 122, unchecked((int)0x80070070), unchecked((int)0x80070027)];

    private static readonly int[] Occupied = [17, 20, unchecked((int)0x800700b7), unchecked((int)0x80070050)];

    /// <summary>Returns a sentence to append to the failure's message.</summary>
    /// <param name="elsewhere">How the user can choose another place; null if the place is fixed.</param>
    public static string Cure(Exception error, string? elsewhere = null)
    {
        var other = elsewhere is null ? "" : $", or {elsewhere},";
        return error switch
        {
            _ when ReadOnly.Contains(error.HResult) => $"Its file system is read-only: {elsewhere ?? Writable}.",
            _ when Full.Contains(error.HResult) => $"Free some space{other} {Again}",
            _ when Occupied.Contains(error.HResult) =>
                $"There is a file where a folder is needed:  {elsewhere ?? "name another place, or move the file away"}.",
            UnauthorizedAccessException => $"Fix the permissions{other} {Again}",
            _ => $"Free some space or fix the permissions{other} {Again}",
        };
    }
}
