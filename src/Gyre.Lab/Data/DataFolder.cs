namespace Gyre.Lab.Data;

/// <summary>
/// Where the files of named data sets are kept: a folder each below GYRE_DATA, or below the user's local application
/// data.
/// </summary>
internal static class DataFolder
{
    /// <summary>Environment variable that names the folder of all.</summary>
    public const string Variable = "GYRE_DATA";

    /// <summary>The folder of a data set; it need not be there.</summary>
    public static string GetPath(string name) => Path.Combine(Root, name);

    private static string Root =>
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named
            ? Path.GetFullPath(named)
            : Path.Combine(
                Environment.GetFolderPath(
                    Environment.SpecialFolder.LocalApplicationData,
                    Environment.SpecialFolderOption.DoNotVerify
                ),
                "gyre",
                "data"
            );
}
