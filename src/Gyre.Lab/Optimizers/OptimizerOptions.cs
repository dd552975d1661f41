namespace Gyre.Lab.Optimizers;

/// <summary>
/// The settings of an optimizer: its section [optimizer], and values derived from the rest of the spec.
/// </summary>
internal sealed record OptimizerOptions : OptimizerSpec
{
    /// <summary>Creates the default options.</summary>
    public OptimizerOptions() { }

    /// <summary>Creates the options from a section [optimizer].</summary>
    public OptimizerOptions(OptimizerSpec spec)
        : base(spec) { }

    /// <summary>Seed for the order of batches.</summary>
    public int Seed { get; init; }

    /// <summary>
    /// The memory, in bytes, for gradient graphs that gradient-flow may keep while it determines its step.
    /// </summary>
    public long CacheBytes { get; init; }
}
