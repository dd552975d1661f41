using static TorchSharp.torch;

namespace Gyre.Lab.Interventions;

/// <summary>One intervention.</summary>
/// <param name="Name">What a spec calls it.</param>
/// <param name="Description">What it does to a step.</param>
/// <param name="Change">The update in place of the one given, and what was done.</param>
internal sealed record InterventionKind(
    string Name,
    string Description,
    Func<Tensor, LeadingSpace, InterventionOptions, (Tensor Update, InterventionEffect Effect)> Change
)
{
    /// <summary>Products a step beyond the solve for the eigenpairs.</summary>
    public Func<InterventionSpec, double> Products { get; init; } = _ => 0;
}

/// <summary>The interventions. A new one is one new file (or function) and one line here.</summary>
internal static class InterventionCatalog
{
    /// <summary>The name of no intervention.</summary>
    public const string None = "none";

    /// <summary>Takes out of a step what turns the leading eigenvector.</summary>
    public const string FreezeRotation = "freeze-rotation";

    /// <summary>The control of <see cref="FreezeRotation"/>: as short a step, in its own direction.</summary>
    public const string ShorterStep = "shorter-step";

    /// <summary>Bounds the distance along the leading eigenvector.</summary>
    public const string ClipSharpest = "clip-sharpest";

    /// <summary>Every intervention, in order.</summary>
    public static IReadOnlyList<InterventionKind> Kinds { get; } =
    [
        new(FreezeRotation, "takes out of a step what turns the leading eigenvector", FrozenRotation.Change)
        {
            Products = FrozenRotation.Products,
        },
        new(
            ShorterStep,
            "makes a step across v1 as short as freeze-rotation would leave it, in its own direction: the control",
            FrozenRotation.Shorten
        )
        {
            Products = FrozenRotation.Products,
        },
        new("bulk-only", "takes the k leading eigenvectors out of a step", ProjectedStep.OffLeading),
        new(
            "dominant-only",
            "leaves of a step only its part along the k leading eigenvectors",
            ProjectedStep.OntoLeading
        ),
        new(
            ClipSharpest,
            "bounds the distance from the bottom of the valley along the leading eigenvector",
            ProjectedStep.ClipSharpest
        ),
    ];

    /// <summary>Every name, none first.</summary>
    public static IReadOnlyList<string> Names => [None, .. Kinds.Select(kind => kind.Name)];

    /// <summary>The intervention of a name.</summary>
    /// <exception cref="ArgumentException">The name is not in the catalog.</exception>
    public static InterventionKind Get(string name) =>
        Kinds.FirstOrDefault(kind => kind.Name == name)
        ?? throw new ArgumentException(
            $"'{name}' is not an intervention; the catalog has {string.Join(", ", Names)}.",
            nameof(name)
        );
}
