using Gyre.Lab.Objectives;
using Gyre.Lab.RunFiles;
using Gyre.Torch;
using static TorchSharp.torch;

namespace Gyre.Lab.Landscape;

/// <summary>A direction through an origin.</summary>
/// <param name="Name">v1, v2, gradient, pc1 or pc2.</param>
/// <param name="Vector">Unit vector <c>[n]</c> in float64.</param>
/// <param name="Slope">∇L · d at the origin; null if unknown.</param>
/// <param name="Curvature">dᵀ H d at the origin; null if unknown.</param>
internal sealed record Direction(string Name, Tensor Vector, double? Slope = null, double? Curvature = null);

/// <summary>
/// A line or plane in the space of theta: an origin and one or two orthonormal directions, all in float64, so that
/// points are rounded only once.
/// </summary>
internal sealed class Slice
{
    /// <summary>
    /// The margin beyond the iterates on each side, as a share of their range (chosen: the walls of the valley become
    /// visible, and the iterates still fill the middle).
    /// </summary>
    private const double Margin = 0.25;

    private readonly Tensor _origin;
    private readonly IReadOnlyList<Direction> _directions;
    private readonly IReadOnlyList<Iterate> _iterates;
    private readonly List<(double[] Place, double Distance)> _shadows;

    /// <summary>Lays a grid around the projections of the iterates.</summary>
    /// <param name="name">The name of its files.</param>
    /// <param name="origin"><c>[n]</c></param>
    /// <param name="kind">The kind of origin, in one word.</param>
    /// <param name="directions">One or two directions.</param>
    /// <param name="iterates">The iterates to draw.</param>
    /// <param name="points">The number of points along each axis.</param>
    /// <param name="loss">The loss at the origin. Along a direction of known curvature, the axis extends at least to
    /// the point at which the curvature's term changes the loss by half of it.</param>
    public Slice(
        string name,
        Tensor origin,
        string kind,
        IReadOnlyList<Direction> directions,
        IReadOnlyList<Iterate> iterates,
        int points,
        double loss
    )
    {
        (_origin, _directions, _iterates) = (origin.to(ScalarType.Float64), directions, iterates);
        _shadows = [.. iterates.Select(Shadow)];
        Record = new LandscapeSlice(
            name,
            kind,
            [
                .. directions.Select(
                    (direction, axis) =>
                        Axis(direction, [.. _shadows.Select(shadow => shadow.Place[axis])], points, loss)
                ),
            ]
        );
    }

    /// <summary>The name and the grid.</summary>
    public LandscapeSlice Record { get; }

    /// <summary>Returns the loss at the given coordinates; the objective's theta stays there.</summary>
    public double Loss(Objective objective, IReadOnlyList<double> place)
    {
        using var scope = NewDisposeScope();
        using var none = no_grad();
        var theta = _origin;
        foreach (var (coordinate, direction) in place.Zip(_directions))
            theta = theta + direction.Vector * tensor(coordinate, device: CPU);
        objective.Layout.CopyTo(theta.to(objective.Layout.Dtype), objective.Parameters);
        return objective.Loss();
    }

    /// <summary>Returns the iterates on the slice. Costs one forward pass per iterate.</summary>
    public IReadOnlyList<PlacedIterate> Placed(Objective objective) =>
        [
            .. _iterates.Zip(
                _shadows,
                (iterate, shadow) =>
                    new PlacedIterate(
                        iterate.Step,
                        shadow.Place,
                        shadow.Distance,
                        iterate.Loss,
                        Loss(objective, shadow.Place)
                    )
            ),
        ];

    private (double[] Place, double Distance) Shadow(Iterate iterate)
    {
        using var scope = NewDisposeScope();
        using var none = no_grad();
        var rest = iterate.Theta.to(ScalarType.Float64) - _origin;
        var place = new double[_directions.Count];
        for (var axis = 0; axis < place.Length; axis++)
        {
            place[axis] = Host.Number(_directions[axis].Vector.dot(rest));
            rest = rest - _directions[axis].Vector * tensor(place[axis], device: CPU);
        }
        return (place, Host.Number(rest.norm()));
    }

    private LandscapeAxis Axis(Direction direction, double[] shadows, int points, double loss)
    {
        var (low, high) = (shadows.Min(), shadows.Max());
        var room = Margin * (high - low);
        var reach = Reach(direction, loss);
        (low, high) = (Math.Min(low - room, -reach), Math.Max(high + room, reach));
        if (low >= high)
            (low, high) = (-1, 1); // nothing moves and nothing curves: any length shows as much
        return new LandscapeAxis(direction.Name, low, high, points, direction.Slope, direction.Curvature);
    }

    /// <summary>
    /// The distance a at which ½|dᵀHd|a² is half the loss, but at most ‖theta‖; 0 for a direction of unknown
    /// curvature.
    /// </summary>
    private double Reach(Direction direction, double loss) =>
        direction.Curvature is { } curvature
            ? Math.Min(Math.Sqrt(loss / Math.Max(Math.Abs(curvature), double.Epsilon)), Host.Number(_origin.norm()))
            : 0;
}
