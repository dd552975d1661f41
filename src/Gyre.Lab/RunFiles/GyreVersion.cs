namespace Gyre.Lab.RunFiles;

/// <summary>Handles program versions as files store them: with the commit after a plus sign.</summary>
internal static class GyreVersion
{
    /// <summary>Returns the version without the commit; empty if there is none.</summary>
    public static string Short(string? version) => version?.Split('+')[0] ?? "";
}
