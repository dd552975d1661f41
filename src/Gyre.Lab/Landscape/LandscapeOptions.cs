namespace Gyre.Lab.Landscape;

/// <summary>
/// Selects the theta of a run and the resolution of its landscape. Sizes are chosen: a plane of 41 × 41 takes about
/// as many forward passes as a run of the main job.
/// </summary>
internal sealed record LandscapeOptions
{
    /// <summary>The step; null selects the step with the largest measured sharpness.</summary>
    public long? Step { get; init; }

    /// <summary>The number of iterates on each side of the step; memory holds 2·Window + 1 vectors of n.</summary>
    public int Window { get; init; } = 10;

    /// <summary>The number of points along each side of a plane; at least 2.</summary>
    public int Grid { get; init; } = 41;

    /// <summary>The number of points on a line; at least 2.</summary>
    public int Line { get; init; } = 101;
}
