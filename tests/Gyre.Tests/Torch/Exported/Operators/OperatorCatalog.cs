namespace Gyre.Tests.Torch.Exported.Operators;

/// <summary>Every operator that is tested, as a graph of one node.</summary>
internal static class OperatorCatalog
{
    /// <summary>All cases.</summary>
    public static IReadOnlyList<OperatorCase> All { get; } =
    [
        .. PointwiseOperators.Functions,
        .. PointwiseOperators.Activations,
        .. PointwiseOperators.Arithmetic,
        .. PointwiseOperators.Comparisons,
        .. ReductionOperators.All,
        .. ShapeOperators.Shapes,
        .. ShapeOperators.Indices,
        .. ShapeOperators.Creation,
        .. ProductOperators.Products,
        .. ProductOperators.Algebra,
        .. LayerOperators.Convolutions,
        .. LayerOperators.Pooling,
        .. LayerOperators.Norms,
        .. LayerOperators.Sequences,
        .. LossOperators.All,
    ];

    /// <summary>Names of the operators, each once, in alphabetical order.</summary>
    public static IReadOnlyList<string> Names =>
        [.. All.Select(one => one.Name).Distinct().Order(StringComparer.Ordinal)];
}
