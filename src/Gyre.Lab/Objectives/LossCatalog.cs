using static TorchSharp.torch;

namespace Gyre.Lab.Objectives;

/// <summary>
/// Returns the sum, not the mean, of the losses of a chunk; the objective divides by the number of all samples.
/// </summary>
/// <param name="outputs">Network outputs <c>[B, C]</c>.</param>
/// <param name="labels">Class indices <c>[B]</c>, int64, or numbers <c>[B, C]</c> of the outputs' dtype.</param>
/// <returns>A 0-dimensional tensor with a graph to the outputs.</returns>
public delegate Tensor LossSum(Tensor outputs, Tensor labels);

/// <summary>The loss catalog: name → sum over a chunk. A new loss is one new file and one line here.</summary>
internal static class LossCatalog
{
    /// <summary>The loss for targets that are classes.</summary>
    public const string CrossEntropy = "cross-entropy";

    /// <summary>The loss for targets that are classes or numbers.</summary>
    public const string SquaredError = "squared-error";

    private static readonly Dictionary<string, Entry> Catalog = new(StringComparer.Ordinal)
    {
        [CrossEntropy] = new(CrossEntropyLoss.Sum, Convex: true), // second derivative: diag(p) − ppᵀ, a covariance
        [SquaredError] = new(SquaredErrorLoss.Sum, Convex: true), // second derivative: the identity
    };

    /// <summary>Every name, in the order of the catalog.</summary>
    public static IReadOnlyList<string> Names => [.. Catalog.Keys];

    /// <summary>Whether a loss is meaningless for targets that are numbers.</summary>
    public static bool NeedsClasses(string name) => name == CrossEntropy;

    /// <summary>
    /// Whether a loss is convex in the outputs. If it is, no Gauss–Newton eigenvalue is below the weight decay.
    /// </summary>
    /// <exception cref="ArgumentException">The name is not in the catalog.</exception>
    public static bool IsConvex(string name) => GetEntry(name).Convex;

    /// <summary>Returns the loss with the given name.</summary>
    /// <exception cref="ArgumentException">The name is not in the catalog.</exception>
    public static LossSum Get(string name) => GetEntry(name).Sum;

    private static Entry GetEntry(string name) =>
        Catalog.TryGetValue(name, out var loss)
            ? loss
            : throw new ArgumentException(
                $"'{name}' is not a loss; choose one of {string.Join(", ", Catalog.Keys)}.",
                nameof(name)
            );

    private sealed record Entry(LossSum Sum, bool Convex);
}
