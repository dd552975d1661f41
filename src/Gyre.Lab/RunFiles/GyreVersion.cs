namespace Gyre.Lab.RunFiles;

/// <summary>Versions of the program as files hold them: with the commit behind a plus sign.</summary>
internal static class GyreVersion
{
    /// <summary>The version alone; empty where there is none.</summary>
    public static string Short(string? version) => version?.Split('+')[0] ?? "";
}
