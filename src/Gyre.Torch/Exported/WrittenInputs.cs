namespace Gyre.Torch.Exported;

/// <summary>
/// Finds the inputs of a graph that its operators write into, directly or through views. They are copied first, so
/// that a call has no side effects.
/// </summary>
internal static class WrittenInputs
{
    /// <summary>Returns the names of the inputs that are written into.</summary>
    public static IReadOnlySet<string> Find(Graph graph)
    {
        var written = new HashSet<string>(StringComparer.Ordinal);
        var inputs = graph.Inputs.SelectMany(one => one.Names).Distinct(StringComparer.Ordinal);
        Visit(graph, inputs.ToDictionary(name => name, name => name, StringComparer.Ordinal), written);
        return written;
    }

    /// <param name="graph">The graph, or an inner one.</param>
    /// <param name="roots">The input with which each value shares memory; the graph's own values are added.</param>
    /// <param name="written">Receives the inputs that are written into.</param>
    private static void Visit(Graph graph, Dictionary<string, string> roots, HashSet<string> written)
    {
        foreach (var node in graph.Nodes)
        {
            if (ScopedGraph.IsInlined(node))
            {
                VisitInner(node, roots, written);
                continue;
            }
            written.UnionWith(OperatorRules.Written(node).Where(roots.ContainsKey).Select(name => roots[name]));
            var first = node.Inputs is [var self, ..] ? self.Value.Names.FirstOrDefault() : null;
            if (first is not null && OperatorRules.IsView(node) && roots.TryGetValue(first, out var root))
                Take(roots, node.Outputs.SelectMany(one => one.Names), root);
        }
    }

    private static void VisitInner(GraphNode node, Dictionary<string, string> roots, HashSet<string> written)
    {
        var inner = ScopedGraph.Inner(node);
        var operands = ScopedGraph.Operands(node).Select(one => one.Names.FirstOrDefault() ?? "");
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, operand) in inner.Inputs.SelectMany(one => one.Names).Zip(operands))
            if (roots.TryGetValue(operand, out var root))
                names[name] = root;
        Visit(inner, names, written);
        var outputs = node.Outputs.SelectMany(one => one.Names);
        foreach (var (result, output) in inner.Outputs.SelectMany(one => one.Names).Zip(outputs))
            if (names.TryGetValue(result, out var root))
                roots[output] = root;
    }

    private static void Take(Dictionary<string, string> roots, IEnumerable<string> names, string root)
    {
        foreach (var name in names)
            roots[name] = root;
    }
}
