namespace Gyre.Lab.Interventions;

/// <summary>
/// What an intervention is made from: its section [intervention], and what follows from the rest of the spec.
/// </summary>
internal sealed record InterventionOptions : InterventionSpec
{
    /// <summary>Creates options of defaults.</summary>
    public InterventionOptions() { }

    /// <summary>Creates the options of a section [intervention].</summary>
    public InterventionOptions(InterventionSpec spec)
        : base(spec) { }

    /// <summary>Share of the threshold below which an instability counts as resolved: that of [instability].</summary>
    public double ResolvedBelow { get; init; } = 1;

    /// <summary>Seed for the solver's starts.</summary>
    public int Seed { get; init; }
}
