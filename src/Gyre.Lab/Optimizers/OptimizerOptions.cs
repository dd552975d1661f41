namespace Gyre.Lab.Optimizers;

/// <summary>What an optimizer is made from: its section [optimizer], and what follows from the rest of the spec.</summary>
internal sealed record OptimizerOptions : OptimizerSpec
{
    /// <summary>Creates options of defaults.</summary>
    public OptimizerOptions() { }

    /// <summary>Creates the options of a section [optimizer].</summary>
    public OptimizerOptions(OptimizerSpec spec)
        : base(spec) { }

    /// <summary>Seed for the order of batches.</summary>
    public int Seed { get; init; }

    /// <summary>Bytes of gradient graphs that gradient-flow may keep while it looks for its step.</summary>
    public long CacheBytes { get; init; }
}
