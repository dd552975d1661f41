namespace Gyre.Lab.Models;

/// <summary>The names of normalization layers in a spec.</summary>
internal static class NormNames
{
    /// <summary>No normalization.</summary>
    public const string None = "none";

    /// <summary>Normalizes over the samples of a chunk.</summary>
    public const string Batch = "batch";

    /// <summary>Normalizes over the features of a sample.</summary>
    public const string Layer = "layer";

    /// <summary>Normalizes over groups of channels of a sample.</summary>
    public const string Group = "group";
}
