using Gyre.Lab.Data;

namespace Gyre.App.Processes;

/// <summary>
/// The command line of this program as a child process: the host and the assembly if run by `dotnet`, otherwise the
/// executable.
/// </summary>
internal static class ChildProgram
{
    /// <summary>The executable and, if it is the host, the assembly.</summary>
    public static string[] Itself => [.. ParquetChild.Program!];

    /// <summary>Returns the command line for a child command.</summary>
    public static string[] GetCommandLine(string command, bool verbose, params string[] options) =>
        [.. Itself, command, .. verbose ? (string[])["--verbose"] : [], .. options];
}
