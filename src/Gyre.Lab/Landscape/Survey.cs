using System.Globalization;
using Gyre.Lab.Curvature;
using Gyre.Lab.Objectives;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Running;
using Gyre.Lab.Specs;
using Gyre.Spectral;
using Gyre.Torch;
using static TorchSharp.torch;

namespace Gyre.Lab.Landscape;

/// <summary>
/// The quantities at theta(step) that precede the drawing of losses: gradient, eigenpairs, and the window's principal
/// plane.
/// </summary>
internal sealed class Survey
{
    private const int Pairs = 2;
    private const double AngleToleranceDegrees = 1;
    private const int MaxProducts = 300; // as in `gyre inspect`
    private const int Basis = 48;

    private readonly IReadOnlyList<Iterate> _iterates;
    private readonly Tensor _theta;
    private readonly IReadOnlyList<Direction> _eigenvectors;
    private readonly Direction? _gradient;

    private Survey(
        IReadOnlyList<Iterate> iterates,
        long step,
        LossAndGradient value,
        EigenSolution solution,
        Func<Tensor, double> curvature
    )
    {
        (_iterates, Value, Solution) = (iterates, value, solution);
        _theta = iterates.Single(iterate => iterate.Step == step).Theta;
        var gradient = value.Gradient.to(ScalarType.Float64);
        _eigenvectors = [.. solution.Values.Select((eigenvalue, i) => Eigenvector(i, eigenvalue, gradient))];
        _gradient =
            value.GradientNorm > 0
                ? new Direction(
                    LandscapeAxis.Gradient,
                    gradient / gradient.norm(),
                    value.GradientNorm,
                    curvature(value.Gradient / value.Gradient.norm())
                )
                : null;
        Principal = PrincipalPlane.Fit([.. iterates.Select(iterate => iterate.Theta)]);
    }

    public LossAndGradient Value { get; }

    public EigenSolution Solution { get; }

    public PrincipalPlane Principal { get; }

    /// <summary>The number of products, including the one along the gradient.</summary>
    public int Products => Solution.Products + (_gradient is null ? 0 : 1);

    /// <summary>
    /// Measures at the step; the objective's theta stays there. The tensors are in the caller's dispose scope.
    /// </summary>
    /// <exception cref="LandscapeException">The derivatives overflow at the step.</exception>
    public static Survey At(
        RunSetup setup,
        IReadOnlyList<Iterate> iterates,
        long step,
        Action<string> say,
        CancellationToken stop
    )
    {
        var objective = setup.Objective;
        objective.Layout.CopyTo(iterates.Single(iterate => iterate.Step == step).Theta, objective.Parameters);
        using var graph = objective.Linearize(setup.Spec.Objective.CacheBytes);
        say(FormattableString.Invariant($"eigenvectors at step {step}"));
        var solution = Lanczos.Solve(
            new HessianOperator(graph),
            new LanczosOptions
            {
                Wanted = Wanted.Largest((int)Math.Min(Pairs, objective.Layout.Dimension)),
                AngleToleranceDegrees = AngleToleranceDegrees,
                MaxProducts = MaxProducts,
                Basis = Basis,
                Seed = Seeds.For(setup.Spec.Seed, Purpose.SolverStart),
            },
            stop: stop
        );
        stop.ThrowIfCancellationRequested();
        if (solution.Values.Length == 0)
            throw new LandscapeException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"A product with the Hessian at step {step} is not finite: the derivatives overflow "
                        + $"there. Choose an earlier step with --at."
                )
            );
        var value = graph.Value with { Gradient = graph.Value.Gradient.clone() };
        return new Survey(
            iterates,
            step,
            value,
            solution,
            vector => Host.Number(vector.to(ScalarType.Float64).dot(graph.Product(vector).to(ScalarType.Float64)))
        );
    }

    /// <summary>
    /// Returns those that exist of the lines along v1 and the gradient and the planes of v1 and v2 and of the
    /// principal directions.
    /// </summary>
    public IReadOnlyList<Slice> Slices(LandscapeOptions options)
    {
        var slices = new List<Slice>();
        void Add(string name, Tensor origin, string kind, int points, params Direction[] directions) =>
            slices.Add(new Slice(name, origin, kind, directions, _iterates, points, Value.Loss));
        Add("line-v1", _theta, LandscapeSlice.AtStep, options.Line, _eigenvectors[0]);
        if (_gradient is not null)
            Add("line-gradient", _theta, LandscapeSlice.AtStep, options.Line, _gradient);
        if (_eigenvectors.Count > 1)
            Add("plane-v1-v2", _theta, LandscapeSlice.AtStep, options.Grid, [.. _eigenvectors]);
        if (Principal.Directions is { } principal)
            Add(
                "plane-pc1-pc2",
                Principal.Mean,
                LandscapeSlice.AtMean,
                options.Grid,
                new Direction("pc1", principal[0]),
                new Direction("pc2", principal[1])
            );
        return slices;
    }

    /// <summary>Returns the remarks that accompany the landscape.</summary>
    public IEnumerable<string> Remarks(RunSetup setup)
    {
        foreach (var remark in setup.Remarks)
            yield return remark;
        if (setup.SamplesAtHand is { } all && all != setup.Objective.Samples)
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"a subset: {setup.Objective.Samples} of the {all} training samples, as in the run; every "
                    + $"loss is based on these alone"
            );
        if (!Solution.Converged)
            yield return $"eigenvectors: {Solution.Advice}";
        if (_gradient is null)
            yield return "the gradient is zero here, so there is no line along it";
        if (_eigenvectors.Count < 2)
            yield return "a single parameter has no plane";
        if (Principal.Directions is null)
            yield return "the iterates of the window are on one line, or fewer than three, so there is no principal plane";
    }

    /// <summary>
    /// The sign of an eigenvector is arbitrary. It is set so that the gradient does not point against the
    /// eigenvector, and the next step therefore goes down on its axis.
    /// </summary>
    private Direction Eigenvector(int i, double eigenvalue, Tensor gradient)
    {
        var vector = Solution.Vectors[i].to(ScalarType.Float64);
        vector = vector / vector.norm();
        var slope = Host.Number(vector.dot(gradient));
        return new Direction(
            FormattableString.Invariant($"v{i + 1}"),
            slope < 0 ? -vector : vector,
            Math.Abs(slope),
            eigenvalue
        );
    }
}
