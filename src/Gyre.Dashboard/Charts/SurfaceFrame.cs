namespace Gyre.Dashboard.Charts;

/// <summary>A square part of the (x, y) plane, drawn in a square of <see cref="Size"/> units.</summary>
/// <param name="Left">x at its left edge.</param>
/// <param name="Bottom">y at its lower edge.</param>
/// <param name="Side">Length of an edge.</param>
internal sealed record SurfaceFrame(double Left, double Bottom, double Side)
{
    /// <summary>The width and height of the drawing in units.</summary>
    public const double Size = 600;

    private const double Farthest = 2 * TheoryState.Reach;
    private const double Room = 0.12;
    private const double Narrowest = 0.2;

    /// <summary>Returns the part of the plane that a view shows.</summary>
    public static SurfaceFrame FromStudy(TheoryStudy study) =>
        study.State.View switch
        {
            TheoryState.Plane => new SurfaceFrame(
                -TheoryState.Reach - 0.2,
                -TheoryState.Reach - 0.2,
                2 * TheoryState.Reach + 0.4
            ),
            TheoryState.Path => Around(study),
            _ => new SurfaceFrame(-0.8, -0.8, TheoryState.Reach + 1),
        };

    /// <summary>Maps a place of the plane to the drawing: across from the left, down from the top.</summary>
    public (double Across, double Down) Place(double x, double y) =>
        ((x - Left) / Side * Size, (1 - (y - Bottom) / Side) * Size);

    /// <summary>
    /// Returns the place of the plane at fractions of the edges, across from the left and down from the top.
    /// </summary>
    public (double X, double Y) At(double across, double down) => (Left + across * Side, Bottom + (1 - down) * Side);

    /// <summary>Returns the round numbers along an edge, for tick labels.</summary>
    public IEnumerable<double> Ticks(double from)
    {
        var magnitude = Math.Pow(10, Math.Floor(Math.Log10(Side / 4)));
        var step =
            magnitude
            * (Side / 4 / magnitude) switch
            {
                >= 5 => 5,
                >= 2 => 2,
                _ => 1,
            };
        for (var i = (int)Math.Ceiling(from / step); i * step <= from + Side; i++)
            yield return Math.Round(i * step, 6);
    }

    /// <summary>
    /// Returns a frame around the path and the end of gradient flow, with a margin. Distant points are left out.
    /// </summary>
    private static SurfaceFrame Around(TheoryStudy study)
    {
        var places = study
            .Points.Select(point => point.Theta)
            .Append(study.Flow.Theta)
            .Where(theta => theta.All(entry => Math.Abs(entry) < Farthest))
            .ToArray();
        var (left, right, bottom, top) = (
            places.Min(theta => theta[0]),
            places.Max(theta => theta[0]),
            places.Min(theta => theta[1]),
            places.Max(theta => theta[1])
        );
        var side = Math.Max(Narrowest, (1 + 2 * Room) * Math.Max(right - left, top - bottom));
        return new SurfaceFrame((left + right - side) / 2, (bottom + top - side) / 2, side);
    }
}
