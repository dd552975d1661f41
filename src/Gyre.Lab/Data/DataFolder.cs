namespace Gyre.Lab.Data;

/// <summary>
/// The folders of named data sets: one per data set, below GYRE_DATA or below the user's local application data.
/// </summary>
internal static class DataFolder
{
    /// <summary>Environment variable with the parent of these folders.</summary>
    public const string Variable = "GYRE_DATA";

    /// <summary>Returns the folder of a data set, which need not exist.</summary>
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
