namespace Gyre.Torch.Exported;

/// <summary>
/// Which inputs of a graph its operators write into, directly or through views: they are copied first, so that a call
/// leaves nothing behind.
/// </summary>
internal static class WrittenInputs
{
    /// <summary>Names of the inputs that are written into.</summary>
    public static IReadOnlySet<string> Find(Graph graph) => Find(graph, graph.Inputs.SelectMany(one => one.Names));

    private static HashSet<string> Find(Graph graph, IEnumerable<string> inputs)
    {
        var roots = inputs
            .Distinct(StringComparer.Ordinal)
            .ToDictionary(name => name, name => name, StringComparer.Ordinal);
        var written = new HashSet<string>(StringComparer.Ordinal);
        foreach (var node in graph.Nodes)
        {
            foreach (var name in Targets(node))
                if (roots.TryGetValue(name, out var root))
                    written.Add(root);
            if (
                !OperatorRules.IsView(node)
                || node.Inputs is []
                || node.Inputs[0].Value.Names.FirstOrDefault() is not { } first
            )
                continue;
            if (roots.TryGetValue(first, out var origin))
                foreach (var output in node.Outputs.SelectMany(one => one.Names))
                    roots[output] = origin;
        }
        return written;
    }

    /// <summary>What a node writes into; for a graph inside, what its nodes write into of what it is given.</summary>
    private static IEnumerable<string> Targets(GraphNode node)
    {
        if (!ScopedGraph.IsInlined(node))
            return OperatorRules.Written(node);
        var inner = ScopedGraph.Inner(node);
        var written = Find(inner);
        return inner
            .Inputs.SelectMany(one => one.Names)
            .Zip(ScopedGraph.Operands(node))
            .Where(pair => written.Contains(pair.First))
            .SelectMany(pair => pair.Second.Names);
    }
}
