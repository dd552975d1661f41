using Gyre.Lab.Keys;

namespace Gyre.Lab.Interventions;

/// <summary>The section [intervention]: how each step is changed, and when (docs/interventions.md).</summary>
internal record InterventionSpec
{
    /// <summary>Acts at every step.</summary>
    internal const string Always = "always";

    /// <summary>Acts if the sharpness is at or above a share of the threshold.</summary>
    internal const string InInstability = "instability";

    /// <summary>A name in <see cref="InterventionCatalog"/>; "none" changes nothing.</summary>
    [SpecKey(
        "change of each update based on the leading eigenpairs (docs/interventions.md)",
        ChoicesOf = typeof(InterventionCatalog)
    )]
    public string Name { get; init; } = InterventionCatalog.None;

    /// <summary>
    /// always, or instability: only if the sharpness is at or above instability.resolved_below of the threshold.
    /// </summary>
    [SpecKey(
        "always, or instability: while sharpness is at or above instability.resolved_below of the threshold",
        Choices = [Always, InInstability],
        UsedWhere = "intervention.name",
        UsedWithFrom = nameof(Changing)
    )]
    public string When { get; init; } = Always;

    /// <summary>
    /// k: the number of eigenpairs whose span steps are projected by. freeze-rotation uses the other k − 1 to treat
    /// turns towards them exactly.
    /// </summary>
    [SpecKey(
        "number of eigenpairs k for the intervention, from one solve per step",
        Least = 1,
        Most = 64,
        UsedWhere = "intervention.name",
        UsedWithFrom = nameof(Changing)
    )]
    public int Pairs { get; init; } = 4;

    /// <summary>freeze-rotation: the number of directions removed from a step.</summary>
    [SpecKey(
        "freeze-rotation: number of directions removed from a step. Default: chosen; docs/interventions.md has "
            + "the effect of each",
        Least = 1,
        Most = 64,
        UsedWhere = "intervention.name",
        UsedWith = [InterventionCatalog.FreezeRotation]
    )]
    public int Directions { get; init; } = 2;

    /// <summary>clip-sharpest: the largest distance from the bottom of the valley along v1, in parameters.</summary>
    [SpecKey(
        "clip-sharpest: largest distance from the floor of the valley along v1",
        Least = 0,
        Most = 1e9,
        UsedWhere = "intervention.name",
        UsedWith = [InterventionCatalog.ClipSharpest]
    )]
    public double Bound { get; init; } = 0.1;

    private static IReadOnlyList<string> Changing => [.. InterventionCatalog.Kinds.Select(kind => kind.Name)];
}
