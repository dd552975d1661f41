namespace Gyre.Lab.RunFiles;

/// <summary>Converts names in files, such as edge_of_stability, to text for people.</summary>
internal static class SnakeCase
{
    /// <summary>Returns "edge of stability" for edge_of_stability.</summary>
    public static string Spaced(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.Replace('_', ' ');
    }
}
