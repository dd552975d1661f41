namespace Gyre.Lab.Interventions;

/// <summary>What is changed of each step, and when (docs/interventions.md).</summary>
public record InterventionOptions
{
    /// <summary>A name of <see cref="InterventionCatalog"/>; none changes nothing.</summary>
    public string Name { get; init; } = InterventionCatalog.None;

    /// <summary>
    /// k: eigenpairs of the space that steps are projected by; freeze-rotation counts with the others exactly where the
    /// eigenvector turns towards them.
    /// </summary>
    public int Pairs { get; init; } = 4;

    /// <summary>
    /// always, or instability: only where the sharpness is above <see cref="ResolvedBelow"/> of the threshold.
    /// </summary>
    public string When { get; init; } = "always";

    /// <summary>clip-sharpest: the largest distance from the bottom of the valley along v1, in parameters.</summary>
    public double Bound { get; init; } = 0.1;

    /// <summary>freeze-rotation: how many directions are taken out of a step.</summary>
    public int Directions { get; init; } = 2;

    /// <summary>Share of the threshold below which an instability counts as resolved.</summary>
    public double ResolvedBelow { get; init; } = 0.98;

    /// <summary>Of the solver's starts.</summary>
    public int Seed { get; init; }
}
