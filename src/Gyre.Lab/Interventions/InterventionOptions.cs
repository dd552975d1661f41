namespace Gyre.Lab.Interventions;

/// <summary>
/// The settings of an intervention: its section [intervention], and values derived from the rest of the spec.
/// </summary>
internal sealed record InterventionOptions : InterventionSpec
{
    /// <summary>Creates the default options.</summary>
    public InterventionOptions() { }

    /// <summary>Creates the options from a section [intervention].</summary>
    public InterventionOptions(InterventionSpec spec)
        : base(spec) { }

    /// <summary>
    /// The share of the threshold below which an instability counts as resolved, from [instability].
    /// </summary>
    public double ResolvedBelow { get; init; } = 1;

    /// <summary>Seed for the solver's starts.</summary>
    public int Seed { get; init; }
}
