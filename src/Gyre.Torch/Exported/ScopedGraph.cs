namespace Gyre.Torch.Exported;

/// <summary>
/// The two operators on graphs that are written out in place: a region under <c>torch.no_grad()</c> (or
/// <c>enable_grad</c>), and a region under autocast. Their arguments are those of the context, then the graph, then
/// the inputs of the graph.
/// </summary>
internal static class ScopedGraph
{
    private const string Grad = "wrap_with_set_grad_enabled";
    private const string Autocast = "wrap_with_autocast";

    /// <summary>Whether a node is one of these two operators.</summary>
    public static bool IsInlined(GraphNode node) =>
        node.Namespace == "higher_order"
        && node.Operator is Grad or Autocast
        && node.Inputs.Any(one => one.Value.Kind == "as_graph");

    /// <summary>Whether gradients stop at the node's results.</summary>
    public static bool StopsGradients(GraphNode node) =>
        node.Operator == Grad
        && node.Inputs is [{ Value: { Kind: "as_bool" } enabled }, ..]
        && !enabled.Value.GetBoolean();

    /// <summary>Whether the node is a region with autocast enabled.</summary>
    public static bool IsAutocast(GraphNode node) =>
        node.Operator == Autocast
        && node.Inputs.FirstOrDefault(one => one.Value.Kind == "as_bool") is { } enabled
        && enabled.Value.Value.GetBoolean();

    /// <summary>Returns the inner graph.</summary>
    public static Graph Inner(GraphNode node) =>
        GraphReader.ParseInner(node.Inputs.First(one => one.Value.Kind == "as_graph").Value);

    /// <summary>Returns the values passed to the inner graph.</summary>
    public static IReadOnlyList<GraphValue> Operands(GraphNode node) =>
        [.. node.Inputs.SkipWhile(one => one.Value.Kind != "as_graph").Skip(1).Select(one => one.Value)];

    /// <summary>Returns why the inner graph cannot be used, or null if it can.</summary>
    public static string? FindTrouble(GraphNode node) =>
        Inner(node)
            .Nodes.Select(inner =>
                OperatorRules.FindTrouble(inner) is { } trouble ? $"contains {inner.Describe()}, which {trouble}" : null
            )
            .FirstOrDefault(trouble => trouble is not null);
}
