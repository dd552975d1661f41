using Gyre.Torch;
using static TorchSharp.torch;

namespace Gyre.Lab.Interventions;

/// <summary>
/// Removes the part of a step that turns v1, to first order. A step d turns v1 by R·d, with R·d = (S − H)⁺·D³L[d, v1]
/// (the derivative of an eigenvector; the pseudo-inverse acts orthogonally to v1). For r = R·d, removing the
/// direction c = Rᵀ·r by d' = d − c·(c·d)/(c·c) reduces the turn along r to zero with the least change of the step.
/// This does not control the turn of d' orthogonal to r. Several directions are therefore removed in sequence, each
/// for the turn that remains. Turns beyond first order, from the finite length of a step, and the other eigenvectors
/// are not controlled either.
/// </summary>
internal static class FrozenRotation
{
    private const double Tolerance = 1e-3;
    private const int MostIterations = 40;

    /// <summary>
    /// Returns the update without the part that turns v1. Each direction costs two third derivatives and two solves
    /// with S − H; the turn that remains is measured once more.
    /// </summary>
    public static (Tensor Update, InterventionEffect Effect) Change(
        Tensor update,
        LeadingSpace space,
        InterventionOptions options
    )
    {
        ArgumentNullException.ThrowIfNull(update);
        ArgumentNullException.ThrowIfNull(space);
        ArgumentNullException.ThrowIfNull(options);
        var turning = new Turning(space);
        var (changed, removed) = (update, new List<Tensor>());
        var turn = turning.Project(changed);
        var free = Degrees(turn);
        for (var direction = 0; direction < options.Directions && removed.Count < update.shape[0] - 1; direction++)
        {
            var constraint = turning.Transposed(turn);
            foreach (var earlier in removed)
                constraint = constraint - earlier * earlier.dot(constraint);
            var length = constraint.norm();
            if (Host.Number(length) is not (> 0 and < double.PositiveInfinity))
                break;
            removed.Add(constraint / length);
            changed = changed - removed[^1] * removed[^1].dot(changed);
            turn = turning.Project(changed);
        }
        return (changed, new InterventionEffect(double.NaN, 0, turning.Products, free, Degrees(turn)));
    }

    /// <summary>
    /// Products per changed step: one turn before, and two of everything for each direction, at about six products
    /// each (measured, MLP 784-64-64-10: 52 with four directions).
    /// </summary>
    internal static double Products(InterventionSpec options) => 6 * (1 + 2 * options.Directions);

    /// <summary>
    /// The control: along v1 it takes the u' above; the rest of u keeps its direction and is scaled to the length of
    /// the rest of u'. Shorter bounces would amount to a smaller eta, whose edge is higher. These steps bounce like
    /// the frozen ones and turn freely. The cost is the same.
    /// </summary>
    public static (Tensor Update, InterventionEffect Effect) Shorten(
        Tensor update,
        LeadingSpace space,
        InterventionOptions options
    )
    {
        ArgumentNullException.ThrowIfNull(update);
        ArgumentNullException.ThrowIfNull(space);
        var (frozen, effect) = Change(update, space, options);
        var v = space.Vectors[0];
        var along = v * v.dot(frozen);
        var rest = update - v * v.dot(update);
        var length = rest.norm();
        var scale = where(length > zeros_like(length), (frozen - along).norm() / length, ones_like(length));
        return (along + rest * scale, effect with { TurnDegrees = null });
    }

    private static double Degrees(Tensor turn) => Host.Number(turn.norm()) * 180 / Math.PI;

    /// <summary>R and its transpose at one theta.</summary>
    private sealed class Turning(LeadingSpace space)
    {
        private readonly Tensor _v = space.Vectors[0];

        public int Products { get; private set; }

        /// <summary>R·d, orthogonal to v1.</summary>
        public Tensor Project(Tensor step) => Solve(Third(step));

        /// <summary>Rᵀ·r.</summary>
        public Tensor Transposed(Tensor turn) => Third(Solve(turn));

        private Tensor Third(Tensor vector)
        {
            Products += 3;
            return space.Graph.CurvatureGradient(_v, vector);
        }

        /// <summary>
        /// Returns (S − H)⁺·b, by the known eigenpairs within their span and by conjugate gradients orthogonal to it,
        /// where S − H is positive definite.
        /// </summary>
        private Tensor Solve(Tensor right)
        {
            using var scope = NewDisposeScope();
            var along = space.Vectors.mv(right);
            var scales = space
                .Values.Select((value, i) => i == 0 || space.Values[0] <= value ? 0 : 1 / (space.Values[0] - value))
                .ToArray();
            var known = space.Vectors.t().mv(along * tensor(scales, device: CPU).to(right.dtype, right.device));
            return (known + Conjugate(Outside(right))).MoveToOuterDisposeScope();
        }

        private Tensor Outside(Tensor vector) => vector - space.Vectors.t().mv(space.Vectors.mv(vector));

        private Tensor Conjugate(Tensor right)
        {
            var (solution, residual) = (zeros_like(right), right);
            var direction = residual;
            var squared = Squared(residual);
            var enough = squared * Tolerance * Tolerance;
            for (var i = 0; i < MostIterations && squared > enough; i++)
            {
                var product = Outside(direction * Number(space.Values[0], right) - space.Hessian.Apply(direction));
                Products++;
                var curvature = Host.Number(direction.dot(product));
                if (curvature <= 0)
                    break;
                var length = Number(squared / curvature, right);
                solution = solution + direction * length;
                residual = residual - product * length;
                var next = Squared(residual);
                direction = residual + direction * Number(next / squared, right);
                squared = next;
            }
            return solution;
        }

        private static double Squared(Tensor vector) => Host.Number(vector.dot(vector));

        private static Tensor Number(double number, Tensor like) => tensor(number, like.dtype, CPU);
    }
}
