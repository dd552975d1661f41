using Gyre.Lab.Curvature;
using Gyre.Lab.Measuring;
using Gyre.Lab.Running;
using Gyre.Lab.Specs;
using Gyre.Spectral;
using Gyre.Torch;
using static TorchSharp.torch;

namespace Gyre.Lab.Coverage;

/// <summary>
/// Finds the true eigenpairs at a theta by a solve of the same loss in float64, from two random vectors, a hundred
/// times as accurate as a measurement. A network with kinks (relu) has a different Hessian if float32 puts a unit's
/// input on the other side of its kink. The truth is then that of the run's own products, solved equally accurately.
/// </summary>
internal sealed class TruthSolver : IDisposable
{
    private const double AngleToleranceDegrees = 0.01;
    private const double BottomTolerance = 0.005;
    private const int MostProducts = 4000;
    private const int Basis = 120;

    // epsilons times the sharpness that every error bar allows for; smooth networks stay below 32
    private const double KinkRounding = 64;

    private readonly RunSetup _twin;

    /// <summary>Creates the solver for runs of the given spec.</summary>
    public TruthSolver(RunSpec spec) => _twin = new RunSetup(spec with { Dtype = DtypeNames.Float64 });

    /// <summary>Solves at the theta of a measurement.</summary>
    /// <returns>The truth, with vectors <c>[k, n]</c> in float64, in the caller's dispose scope.</returns>
    public Truth Solve(MeasuredPoint point, int pairs, bool bottom)
    {
        using var scope = NewDisposeScope();
        var objective = point.Objective;
        using (no_grad())
        {
            var theta = objective.Layout.Flatten(objective.Parameters).detach().to(ScalarType.Float64);
            _twin.Objective.Layout.CopyTo(theta, _twin.Objective.Parameters);
        }
        using var graph = _twin.Objective.Linearize(_twin.Spec.Objective.CacheBytes);
        var root = point.Preconditioner?.rsqrt();
        var (run, exact) = (
            Preconditioned(new HessianOperator(point.Graph), root),
            Preconditioned(new HessianOperator(graph), root?.to(ScalarType.Float64))
        );
        var solution = Exact(exact, pairs, bottom);
        var rounding = Rounding(run, exact, solution);
        var kink = rounding > KinkRounding;
        if (kink)
            solution = Exact(run, pairs, bottom);
        return new Truth(
            solution.Values,
            solution.Vectors.to(ScalarType.Float64).MoveToOuterDisposeScope(),
            bottom ? solution.LambdaMin : null,
            kink,
            rounding,
            solution.Converged
        );
    }

    /// <inheritdoc/>
    public void Dispose() => _twin.Dispose();

    private static ISymmetricOperator Preconditioned(HessianOperator hessian, Tensor? root) =>
        root is null ? hessian : new CongruentOperator(hessian, root);

    private static EigenSolution Exact(ISymmetricOperator @operator, int pairs, bool bottom) =>
        Lanczos.Solve(
            @operator,
            new LanczosOptions
            {
                Wanted = Wanted.Largest(pairs),
                AngleToleranceDegrees = AngleToleranceDegrees,
                BottomTolerance = bottom ? BottomTolerance : null,
                MaxProducts = MostProducts,
                Basis = Basis,
                StartVectors = 2,
                Seed = 271828,
            }
        );

    /// <summary>
    /// Returns the largest ‖H32·v − H64·v‖ over the true vectors, in epsilons of the run's dtype times the sharpness.
    /// </summary>
    private static double Rounding(ISymmetricOperator run, ISymmetricOperator exact, EigenSolution truth)
    {
        using var scope = NewDisposeScope();
        var epsilon = run.Dtype == ScalarType.Float64 ? double.BitIncrement(1) - 1 : MathF.BitIncrement(1) - 1;
        var columns = truth.Vectors.t().contiguous();
        var apart = run.Apply(columns.to(run.Dtype)).to(ScalarType.Float64) - exact.Apply(columns);
        return Host.Numbers(apart.norm(0)).Max() / (epsilon * Math.Max(Math.Abs(truth.Values[0]), double.Epsilon));
    }
}

/// <summary>The true eigenpairs at one theta.</summary>
/// <param name="Values">Leading eigenvalues.</param>
/// <param name="Vectors">Their eigenvectors <c>[k, n]</c>, float64.</param>
/// <param name="LambdaMin">The smallest eigenvalue, to half a percent; null if it was not requested.</param>
/// <param name="Kink">Whether the truth is that of the run's own products.</param>
/// <param name="Rounding">Rounding error of the run's products, in epsilons times the sharpness.</param>
/// <param name="Converged">Whether the solve reached its tolerance.</param>
internal sealed record Truth(
    double[] Values,
    Tensor Vectors,
    double? LambdaMin,
    bool Kink,
    double Rounding,
    bool Converged
);
