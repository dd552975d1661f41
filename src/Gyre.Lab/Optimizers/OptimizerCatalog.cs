using Gyre.Lab.Dynamics;
using Gyre.Lab.Objectives;

namespace Gyre.Lab.Optimizers;

/// <summary>An entry of the catalog of update rules.</summary>
/// <param name="Name">The rule's name in specs.</param>
/// <param name="Description">A short description for users.</param>
/// <param name="Threshold">The edge as a function of the rule's spec, eta and ‖∇L‖.</param>
/// <param name="Make">Creates the rule on an objective.</param>
internal sealed record OptimizerKind(
    string Name,
    string Description,
    Func<OptimizerSpec, double, double, double> Threshold,
    Func<Objective, OptimizerOptions, Optimizer> Make
)
{
    /// <summary>Whether the edge applies to the preconditioned Hessian P^-1/2 H P^-1/2.</summary>
    public bool Preconditions { get; init; }

    /// <summary>
    /// The cost of a step in gradients of the whole data, as a function of the rule's spec, N, and eta·S at the
    /// start.
    /// </summary>
    public Func<OptimizerSpec, int, double, double> Gradients { get; init; } = (_, _, _) => 1;

    /// <summary>Whether a step evaluates gradients away from theta, which invalidates the graph.</summary>
    public bool MovesTheta { get; init; }

    /// <summary>Whether a step uses samples drawn by seed.</summary>
    public bool DrawsSamples { get; init; }

    /// <summary>
    /// Whether a step depends on theta, eta and the gradient at theta alone: the theory of self-stabilization covers
    /// gradient descent.
    /// </summary>
    public bool IsDescent { get; init; }
}

/// <summary>The update rules. A new one is one new file and one line here.</summary>
internal static class OptimizerCatalog
{
    /// <summary>Every rule, in order.</summary>
    public static IReadOnlyList<OptimizerKind> Kinds { get; } =
    [
        new(
            OptimizerNames.GradientDescent,
            "full-batch gradient descent",
            (_, rate, _) => StabilityThreshold.GradientDescent(rate),
            (objective, options) => new GradientDescent(objective, options)
        )
        {
            IsDescent = true,
        },
        new(
            OptimizerNames.Polyak,
            "heavy-ball momentum",
            (options, rate, _) => StabilityThreshold.Polyak(rate, options.Momentum),
            (objective, options) => new PolyakMomentum(objective, options)
        ),
        new(
            OptimizerNames.Nesterov,
            "Nesterov's momentum",
            (options, rate, _) => StabilityThreshold.Nesterov(rate, options.Momentum),
            (objective, options) => new NesterovMomentum(objective, options)
        ),
        new(
            OptimizerNames.RmsProp,
            "RMSProp",
            (_, rate, _) => StabilityThreshold.Adaptive(rate, 0),
            (objective, options) => new RmsProp(objective, options)
        )
        {
            Preconditions = true,
        },
        new(
            OptimizerNames.Adam,
            "Adam",
            (options, rate, _) => StabilityThreshold.Adaptive(rate, options.Momentum),
            (objective, options) => new Adam(objective, options)
        )
        {
            Preconditions = true,
        },
        new(
            OptimizerNames.AdamW,
            "Adam with decoupled weight decay",
            (options, rate, _) => StabilityThreshold.Adaptive(rate, options.Momentum),
            (objective, options) => new Adam(objective, options)
        )
        {
            Preconditions = true,
        },
        new(
            OptimizerNames.ClippedAdam,
            "Adam with a bounded preconditioner",
            (options, rate, _) => StabilityThreshold.Adaptive(rate, options.Momentum),
            (objective, options) => new Adam(objective, options)
        )
        {
            Preconditions = true,
        },
        new(
            OptimizerNames.MinibatchDescent,
            "gradient descent on minibatches",
            (_, rate, _) => StabilityThreshold.GradientDescent(rate),
            (objective, options) => new MinibatchDescent(objective, options)
        )
        {
            DrawsSamples = true,
            Gradients = (options, samples, _) => 1 + Math.Min(1, (double)options.Batch / samples),
        },
        new(
            OptimizerNames.SharpnessAware,
            "sharpness-aware minimization, full batch",
            (options, rate, norm) => StabilityThreshold.SharpnessAware(rate, options.Radius, norm),
            (objective, options) => new SharpnessAware(objective, options)
        )
        {
            MovesTheta = true,
            Gradients = (_, _, _) => 2,
        },
        new(
            OptimizerNames.GradientFlow,
            "gradient flow, by Runge–Kutta",
            (_, _, _) => double.PositiveInfinity,
            (objective, options) => new GradientFlow(objective, options)
        )
        {
            MovesTheta = true,
            Gradients = (_, _, edges) => GradientFlow.Gradients(edges),
        },
    ];

    /// <summary>Every name, in the order of the catalog.</summary>
    public static IReadOnlyList<string> Names => [.. Kinds.Select(kind => kind.Name)];

    /// <summary>Returns the rule with the given name.</summary>
    /// <exception cref="ArgumentException">The name is not in the catalog.</exception>
    public static OptimizerKind Get(string name) =>
        Kinds.FirstOrDefault(kind => kind.Name == name)
        ?? throw new ArgumentException(
            $"'{name}' is not an optimizer; choose one of {string.Join(", ", Names)}.",
            nameof(name)
        );

    /// <summary>Creates the rule that the options select, on an objective.</summary>
    public static Optimizer Make(Objective objective, OptimizerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return Get(options.Name).Make(objective, options);
    }

    /// <summary>
    /// Returns the edge of the rule that the options select. A clipped gradient makes a smaller step: if clipping
    /// scales it by f, the edge is that of f·eta. Rules that draw samples ignore clipping here.
    /// </summary>
    /// <param name="options">The rule's settings.</param>
    /// <param name="learningRate">eta.</param>
    /// <param name="gradientNorm">‖∇L‖ at theta.</param>
    public static double Threshold(OptimizerSpec options, double learningRate, double gradientNorm)
    {
        ArgumentNullException.ThrowIfNull(options);
        var kind = Get(options.Name);
        var factor = kind.DrawsSamples ? 1 : ClipFactor(options, gradientNorm);
        return kind.Threshold(options, learningRate * factor, gradientNorm);
    }

    /// <summary>
    /// Returns the eta whose edge is 1; eta in edge units is eta times the sharpness at the start, divided by this
    /// value. It is 2 for gradient descent, for sam in the limit of steep slopes, and for gradient flow, which has no
    /// edge.
    /// </summary>
    public static double EdgeRate(OptimizerSpec options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var rate = Get(options.Name).Threshold(options, 1, double.PositiveInfinity);
        return double.IsFinite(rate) ? rate : 2;
    }

    /// <summary>Returns the factor by which clipping scales a gradient of this norm.</summary>
    internal static double ClipFactor(OptimizerSpec options, double gradientNorm) =>
        options.ClipNorm > 0 && gradientNorm > options.ClipNorm ? options.ClipNorm / gradientNorm : 1;
}
