namespace Gyre.Lab.Landscape;

/// <summary>
/// Which theta of a run is looked at, and how closely. Sizes are chosen: a plane of 41 × 41 takes about as many forward
/// passes as a run of the main job.
/// </summary>
internal sealed record LandscapeOptions
{
    /// <summary>The step; null is that of the largest sharpness measured.</summary>
    public long? Step { get; init; }

    /// <summary>Iterates on each side of it; memory holds 2·Window + 1 vectors of n.</summary>
    public int Window { get; init; } = 10;

    /// <summary>Points of each side of a plane; 2 at least.</summary>
    public int Grid { get; init; } = 41;

    /// <summary>Points of a line; 2 at least.</summary>
    public int Line { get; init; } = 101;
}
