using Gyre.Lab.Data;

namespace Gyre.App.Processes;

/// <summary>
/// This program as a child: the host and the assembly when run by `dotnet`, else the executable itself.
/// </summary>
internal static class ChildProgram
{
    /// <summary>The executable and, where it is the host, the assembly.</summary>
    public static string[] Itself => [.. ParquetChild.Program!];

    /// <summary>With the command of a child.</summary>
    public static string[] GetCommandLine(string command, bool verbose, params string[] options) =>
        [.. Itself, command, .. verbose ? (string[])["--verbose"] : [], .. options];
}
