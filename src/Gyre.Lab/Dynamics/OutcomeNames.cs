namespace Gyre.Lab.Dynamics;

/// <summary>The names of outcomes in files.</summary>
internal static class OutcomeNames
{
    /// <summary>S never reached the threshold.</summary>
    public const string Stable = "stable";

    /// <summary>S hovers around the threshold.</summary>
    public const string EdgeOfStability = "edge_of_stability";

    /// <summary>
    /// The run began above the threshold, or its first instability at least doubled the loss; S ended below the edge.
    /// </summary>
    public const string Catapult = "catapult";

    /// <summary>Instabilities occurred, and S ended below the edge.</summary>
    public const string Resolved = "resolved";

    /// <summary>Instabilities occurred, and S ended far above the threshold.</summary>
    public const string Unresolved = "unresolved";

    /// <summary>The loss grew without bound.</summary>
    public const string Diverged = "diverged";

    /// <summary>No sharpness was measured.</summary>
    public const string Unmeasured = "unmeasured";

    public static string Get(OutcomeKind kind) =>
        kind switch
        {
            OutcomeKind.Stable => Stable,
            OutcomeKind.EdgeOfStability => EdgeOfStability,
            OutcomeKind.Catapult => Catapult,
            OutcomeKind.Resolved => Resolved,
            OutcomeKind.Unresolved => Unresolved,
            OutcomeKind.Diverged => Diverged,
            _ => Unmeasured,
        };
}
