namespace Gyre.Tests.TestKit;

/// <summary>The checkout that these tests were built from.</summary>
public static class Source
{
    /// <summary>Folder that holds the solution.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>C# files below a folder of the checkout, build output left out.</summary>
    public static IEnumerable<string> CSharpFiles(string folder) =>
        !Directory.Exists(Path.Combine(Root, folder))
            ? []
            : Directory
                .EnumerateFiles(Path.Combine(Root, folder), "*.cs", SearchOption.AllDirectories)
                .Where(file =>
                    !file.Contains(
                        $"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}",
                        StringComparison.Ordinal
                    )
                );

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Gyre.slnx")))
                return folder.FullName;
        }
        throw new DirectoryNotFoundException($"No Gyre.slnx above {AppContext.BaseDirectory}.");
    }
}
