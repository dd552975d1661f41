namespace Gyre.Lab.Models;

/// <summary>Normalization layers, as a spec names them.</summary>
internal static class NormNames
{
    /// <summary>No normalization.</summary>
    public const string None = "none";

    /// <summary>Over the samples of a batch.</summary>
    public const string Batch = "batch";

    /// <summary>Over the numbers of a sample.</summary>
    public const string Layer = "layer";

    /// <summary>Over groups of channels of a sample.</summary>
    public const string Group = "group";
}
