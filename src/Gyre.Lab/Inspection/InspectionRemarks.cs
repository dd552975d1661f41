using System.Globalization;
using Gyre.Lab.Experiments;
using Gyre.Lab.Objectives;
using Gyre.Torch;
using static TorchSharp.torch;

namespace Gyre.Lab.Inspection;

/// <summary>What a reader of an inspection should know.</summary>
internal static class InspectionRemarks
{
    /// <summary>Every sentence. Costs one product.</summary>
    public static IEnumerable<string> Of(Objective objective, GradientGraph graph, RunSetup setup)
    {
        foreach (var remark in setup.DataRemarks)
            yield return remark;
        if (setup.SamplesAtHand is { } all && all != objective.Samples)
            yield return string.Create(CultureInfo.InvariantCulture, $"a subset: {objective.Samples} of the {all} training samples; every number is of these alone");
        if (Ignored(objective, graph) is { Count: > 0 } ignored)
            yield return $"the loss ignores {string.Join(", ", ignored)}: {(ignored.Count == 1 ? "its block is" : "their blocks are")} zero";
    }

    /// <summary>Of parameters that are not theta.</summary>
    public static IEnumerable<string> Frozen(IReadOnlyList<string> names) =>
        names.Count == 0 ? [] : [$"not theta, since they require no gradient or are whole numbers: {string.Join(", ", names)}"];

    /// <summary>Parameter tensors with neither a gradient nor a part in the product with a random vector.</summary>
    private static List<string> Ignored(Objective objective, GradientGraph graph)
    {
        using var scope = NewDisposeScope();
        using var none = no_grad();
        using var generator = new Generator(1, CPU);
        var vector = randn([objective.Layout.Dimension], ScalarType.Float64, CPU, generator: generator).to(objective.Layout.Dtype, objective.Layout.Device);
        var product = graph.Product(vector);
        var moved = graph.Value.Gradient.abs().add(product.abs());
        return [.. objective.Layout.Names.Zip(moved.split([.. objective.Layout.Sizes], 0)).Where(part => Host.Number(part.Second.sum()) == 0).Select(part => part.First)];
    }
}
