using Gyre.Lab.Dynamics;
using Gyre.Lab.Objectives;

namespace Gyre.Lab.Optimizers;

/// <summary>One update rule.</summary>
/// <param name="Name">What a spec calls it.</param>
/// <param name="Description">What it is.</param>
/// <param name="Threshold">The edge: of rule, eta and ‖∇L‖.</param>
/// <param name="Make">The rule on an objective.</param>
internal sealed record OptimizerKind(
    string Name,
    string Description,
    Func<OptimizerSpec, double, double, double> Threshold,
    Func<Objective, OptimizerOptions, Optimizer> Make
)
{
    /// <summary>Whether its edge is one of the preconditioned Hessian P^-1/2 H P^-1/2.</summary>
    public bool Preconditions { get; init; }

    /// <summary>What a step costs in gradients of the whole data: of rule, N, and eta·S at the start.</summary>
    public Func<OptimizerSpec, int, double, double> Gradients { get; init; } = (_, _, _) => 1;

    /// <summary>Whether gradients are taken beside theta, which ends the use of a graph.</summary>
    public bool MovesTheta { get; init; }

    /// <summary>Whether a step takes samples that are drawn by seed.</summary>
    public bool DrawsSamples { get; init; }

    /// <summary>
    /// Whether a step is decided by theta, eta and the gradient there alone: the theory of self-stabilisation is of
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
            "Adam whose preconditioner is held between two bounds",
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
            "sharpness-aware minimisation, full batch",
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

    /// <summary>The rule of a name.</summary>
    /// <exception cref="ArgumentException">The name is not in the catalog.</exception>
    public static OptimizerKind Get(string name) =>
        Kinds.FirstOrDefault(kind => kind.Name == name)
        ?? throw new ArgumentException(
            $"'{name}' is not an optimizer; the catalog has {string.Join(", ", Names)}.",
            nameof(name)
        );

    /// <summary>The rule that options mean, on an objective.</summary>
    public static Optimizer Make(Objective objective, OptimizerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return Get(options.Name).Make(objective, options);
    }

    /// <summary>
    /// The edge of what options mean. A clipped gradient is a smaller step: where clipping scales by f, the edge is
    /// that of f·eta.
    /// </summary>
    /// <param name="options">The rule.</param>
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
    /// The eta whose edge is 1: eta in edge units is eta times the sharpness at the start over this. 2 of gradient
    /// descent, of sam in the limit of steep slopes, and of gradient flow, which has no edge.
    /// </summary>
    public static double EdgeRate(OptimizerSpec options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var rate = Get(options.Name).Threshold(options, 1, double.PositiveInfinity);
        return double.IsFinite(rate) ? rate : 2;
    }

    /// <summary>What clipping scales a gradient of this norm by.</summary>
    internal static double ClipFactor(OptimizerSpec options, double gradientNorm) =>
        options.ClipNorm > 0 && gradientNorm > options.ClipNorm ? options.ClipNorm / gradientNorm : 1;
}
