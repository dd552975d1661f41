namespace Gyre.App.Commands;

/// <summary>This program as a child: the host and the assembly when run by `dotnet`, else the executable itself.</summary>
internal static class ChildProgram
{
    public static string[] Of(string command, bool verbose, params string[] options)
    {
        var host = Environment.ProcessPath!;
        var assembly = Path.Combine(AppContext.BaseDirectory, "gyre.dll");
        string[] child = verbose ? [command, "--verbose", .. options] : [command, .. options];
        return Path.GetFileNameWithoutExtension(host) == "dotnet" ? [host, assembly, .. child] : [host, .. child];
    }
}
