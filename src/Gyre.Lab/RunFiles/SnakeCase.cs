namespace Gyre.Lab.RunFiles;

/// <summary>Names as files have them, such as edge_of_stability, for people.</summary>
internal static class SnakeCase
{
    /// <summary>"edge of stability" of edge_of_stability.</summary>
    public static string Spaced(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.Replace('_', ' ');
    }
}
