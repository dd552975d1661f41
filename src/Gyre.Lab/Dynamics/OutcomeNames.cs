namespace Gyre.Lab.Dynamics;

/// <summary>Outcomes as files name them.</summary>
internal static class OutcomeNames
{
    /// <summary>S never reached the threshold.</summary>
    public const string Stable = "stable";

    /// <summary>S hovers about the threshold.</summary>
    public const string EdgeOfStability = "edge_of_stability";

    /// <summary>The run left a steep place at once.</summary>
    public const string Catapult = "catapult";

    /// <summary>Instabilities came and were resolved.</summary>
    public const string Resolved = "resolved";

    /// <summary>An instability is open at the end.</summary>
    public const string Unresolved = "unresolved";

    /// <summary>The loss grew without bound.</summary>
    public const string Diverged = "diverged";

    /// <summary>Nothing was measured.</summary>
    public const string Unmeasured = "unmeasured";

    /// <summary>The name of an outcome.</summary>
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
