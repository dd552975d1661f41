namespace Gyre.Lab.Specs;

/// <summary>The names of the types of parameters and data in specs.</summary>
internal static class DtypeNames
{
    /// <summary>Single precision.</summary>
    public const string Float32 = "float32";

    /// <summary>Double precision.</summary>
    public const string Float64 = "float64";
}
