using System.Globalization;
using Gyre.Lab.Objectives;
using Gyre.Lab.Running;
using Gyre.Torch;
using static TorchSharp.torch;

namespace Gyre.Lab.Inspection;

/// <summary>The remarks that accompany the results of an inspection.</summary>
internal static class InspectionRemarks
{
    /// <summary>
    /// Creates every remark. Costs one product, and a gradient at another theta if a parameter tensor's parts are
    /// zero: no graph may be used afterwards.
    /// </summary>
    public static IEnumerable<string> Create(Objective objective, GradientGraph graph, RunSetup setup)
    {
        foreach (var remark in setup.Remarks)
            yield return remark;
        if (setup.SamplesAtHand is { } all && all != objective.Samples)
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"a subset: {objective.Samples} of the {all} training samples; every number is based on these alone"
            );
        var flat = Flat(objective, graph);
        var ignored = flat.Count > 0 ? Ignored(objective, flat) : [];
        if (ignored.Count > 0)
            yield return $"the loss ignores {string.Join(", ", ignored)}: "
                + $"{Counted.Noun(ignored.Count, "its block is", "their blocks are")} zero";
        if (flat.Except(ignored).ToArray() is { Length: > 0 } level)
            yield return $"gradient and curvature by {string.Join(", ", level)} are zero at this theta, but not elsewhere, "
                + "so it is a stationary point, such as a saddle";
    }

    /// <summary>Creates a remark on the parameters that are not part of theta.</summary>
    public static IEnumerable<string> Frozen(IReadOnlyList<string> names) =>
        names.Count == 0
            ? []
            : [$"not part of theta, since they require no gradient or are integers: {string.Join(", ", names)}"];

    /// <summary>
    /// Returns the parameter tensors whose parts of the gradient and of the product with a random vector are both
    /// zero.
    /// </summary>
    private static List<string> Flat(Objective objective, GradientGraph graph)
    {
        using var scope = NewDisposeScope();
        using var none = no_grad();
        return WithoutPart(
            objective,
            graph.Value.Gradient.abs().add(graph.Product(Draw(objective)).abs()),
            objective.Layout.Names
        );
    }

    /// <summary>
    /// Returns those of the given tensors whose gradient is zero at a random theta as well. Costs a gradient and
    /// invalidates every graph built before.
    /// </summary>
    private static List<string> Ignored(Objective objective, IReadOnlyList<string> flat)
    {
        using var scope = NewDisposeScope();
        using var none = no_grad();
        return WithoutPart(objective, objective.EvaluateAt(Draw(objective)).Gradient, flat);
    }

    private static Tensor Draw(Objective objective)
    {
        using var generator = new Generator(1, CPU);
        var (layout, normal) = (
            objective.Layout,
            randn([objective.Layout.Dimension], ScalarType.Float64, CPU, generator: generator)
        );
        return normal.to(layout.Dtype, layout.Device);
    }

    private static List<string> WithoutPart(Objective objective, Tensor vector, IReadOnlyList<string> among) =>
        [
            .. objective
                .Layout.Names.Zip(vector.split([.. objective.Layout.Sizes], 0))
                .Where(part => among.Contains(part.First) && Host.Number(part.Second.abs().sum()) == 0)
                .Select(part => part.First),
        ];
}
