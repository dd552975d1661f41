using Gyre.Lab.Curvature;
using Gyre.Lab.Objectives;
using Gyre.Spectral;
using static TorchSharp.torch;

namespace Gyre.Lab.Optimizers;

/// <summary>
/// Gradient flow dtheta/dt = −∇L over a time eta per step, by the classical fourth-order Runge–Kutta method. A step
/// is divided into as many equal parts as it takes to keep sharpness times the duration of a part at or below
/// <see cref="Part"/>. This is the path of descent in the limit of a vanishing learning rate. A step costs four
/// gradients per part, plus the solve for the sharpness.
/// </summary>
internal sealed class GradientFlow(Objective objective, OptimizerOptions options) : Optimizer(objective, options)
{
    /// <summary>
    /// The largest sharpness × duration of a part (chosen: the method is stable up to 2.78; at 0.5 its error in the
    /// sharpest direction is 3·10⁻⁴, compared with a decay of 0.4).
    /// </summary>
    public const double Part = 0.5;

    /// <summary>
    /// The number of gradients per step at the given eta·S: the slopes of its parts, plus a solve of typically ten
    /// products of about two gradients each.
    /// </summary>
    internal static double Gradients(double edges) => 4 * Parts(edges) + 20;

    private static int Parts(double edges) => (int)Math.Clamp(Math.Ceiling(edges / Part), 1, 100_000);

    /// <inheritdoc/>
    protected override Tensor Direction(long step, LossAndGradient value, double learningRate)
    {
        var parts = Parts(learningRate * Sharpness(step));
        var time = learningRate / parts;
        Tensor moved = zeros_like(value.Gradient);
        for (var part = 0; part < parts; part++)
        {
            using var scope = NewDisposeScope();
            var first = part == 0 ? value.Gradient : Slope(moved);
            var second = Slope(moved - first * Number(time / 2));
            var third = Slope(moved - second * Number(time / 2));
            var fourth = Slope(moved - third * Number(time));
            moved.sub_((first + second * Number(2) + third * Number(2) + fourth).mul_(Number(time / 6)));
        }
        return moved.neg_();
    }

    private Tensor Slope(Tensor displacement) => Objective.EvaluateAt(displacement).Gradient;

    private double Sharpness(long step)
    {
        using var tracked = enable_grad();
        using var graph = Objective.Linearize(Options.CacheBytes);
        var found = Lanczos.Solve(
            new HessianOperator(graph),
            new LanczosOptions
            {
                Wanted = Wanted.Largest(1),
                AngleToleranceDegrees = 10,
                MaxProducts = 60,
                Seed = step,
            }
        );
        return found.Values.Length > 0 ? Math.Max(found.Values[0] + found.Residuals[0], 0) : 0;
    }
}
