using static TorchSharp.torch;

namespace Gyre.Lab.Interventions;

/// <summary>An entry of the catalog of interventions.</summary>
/// <param name="Name">The intervention's name in specs.</param>
/// <param name="Description">Its effect on a step, for users.</param>
/// <param name="Change">Returns the update to make instead of the given one, and the effect.</param>
internal sealed record InterventionKind(
    string Name,
    string Description,
    Func<Tensor, LeadingSpace, InterventionOptions, (Tensor Update, InterventionEffect Effect)> Change
)
{
    /// <summary>Products per step in addition to the solve for the eigenpairs.</summary>
    public Func<InterventionSpec, double> Products { get; init; } = _ => 0;
}

/// <summary>The interventions. A new one is one new file (or function) and one line here.</summary>
internal static class InterventionCatalog
{
    /// <summary>The name that selects no intervention.</summary>
    public const string None = "none";

    /// <summary>Removes the part of a step that turns the leading eigenvector.</summary>
    public const string FreezeRotation = "freeze-rotation";

    /// <summary>The control for <see cref="FreezeRotation"/>: a step equally short, in its own direction.</summary>
    public const string ShorterStep = "shorter-step";

    /// <summary>Bounds the distance along the leading eigenvector.</summary>
    public const string ClipSharpest = "clip-sharpest";

    /// <summary>Every intervention, in order.</summary>
    public static IReadOnlyList<InterventionKind> Kinds { get; } =
    [
        new(FreezeRotation, "removes from a step the part that turns the leading eigenvector", FrozenRotation.Change)
        {
            Products = FrozenRotation.Products,
        },
        new(
            ShorterStep,
            "control: shortens a step across v1 to the length that freeze-rotation would leave, in its own direction",
            FrozenRotation.Shorten
        )
        {
            Products = FrozenRotation.Products,
        },
        new("bulk-only", "removes the k leading eigenvectors from a step", ProjectedStep.OffLeading),
        new(
            "dominant-only",
            "keeps only the part of a step along the k leading eigenvectors",
            ProjectedStep.OntoLeading
        ),
        new(
            ClipSharpest,
            "bounds the distance from the floor of the valley along the leading eigenvector",
            ProjectedStep.ClipSharpest
        ),
    ];

    /// <summary>Every name, "none" first.</summary>
    public static IReadOnlyList<string> Names => [None, .. Kinds.Select(kind => kind.Name)];

    /// <summary>Returns the intervention with the given name.</summary>
    /// <exception cref="ArgumentException">The name is not in the catalog.</exception>
    public static InterventionKind Get(string name) =>
        Kinds.FirstOrDefault(kind => kind.Name == name)
        ?? throw new ArgumentException(
            $"'{name}' is not an intervention; choose one of {string.Join(", ", Names)}.",
            nameof(name)
        );
}
