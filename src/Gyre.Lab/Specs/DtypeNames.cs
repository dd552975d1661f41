namespace Gyre.Lab.Specs;

/// <summary>Types of parameters and data, as a spec names them.</summary>
internal static class DtypeNames
{
    /// <summary>Single precision.</summary>
    public const string Float32 = "float32";

    /// <summary>Double precision.</summary>
    public const string Float64 = "float64";
}
