using Gyre.Lab.Keys;

namespace Gyre.Lab.Optimizers;

/// <summary>
/// The section [optimizer]: the update rule and its settings. Each rule reads the settings that apply to it
/// (docs/optimizers.md).
/// </summary>
internal record OptimizerSpec
{
    /// <summary>A name in <see cref="OptimizerCatalog"/>.</summary>
    [SpecKey("the update rule (docs/optimizers.md)", ChoicesOf = typeof(OptimizerCatalog))]
    public string Name { get; init; } = OptimizerNames.GradientDescent;

    /// <summary>b of Polyak and Nesterov momentum; b₁ of the Adam family.</summary>
    [SpecKey(
        "b of polyak and nesterov, b1 of adam. Default: the usual value",
        Least = 0,
        Most = 0.9999,
        UsedWhere = "optimizer.name",
        UsedWith = [
            OptimizerNames.Polyak,
            OptimizerNames.Nesterov,
            OptimizerNames.Adam,
            OptimizerNames.AdamW,
            OptimizerNames.ClippedAdam,
        ]
    )]
    public double Momentum { get; init; } = 0.9;

    /// <summary>b₂, the decay of the mean of squared gradients; 0 selects the rule's default.</summary>
    [SpecKey(
        "b2 of rmsprop and adam; 0: 0.99 of rmsprop, 0.999 of the Adam family. Defaults: PyTorch's",
        Least = 0,
        Most = 0.999999,
        UsedWhere = "optimizer.name",
        UsedWith = [OptimizerNames.RmsProp, OptimizerNames.Adam, OptimizerNames.AdamW, OptimizerNames.ClippedAdam]
    )]
    public double SecondMoment { get; init; }

    /// <summary>b₂ in effect: the rule's default if none is set.</summary>
    internal double UsedSecondMoment =>
        (SecondMoment, Name) switch
        {
            (> 0, _) => SecondMoment,
            (_, OptimizerNames.RmsProp) => 0.99,
            _ => 0.999,
        };

    /// <summary>Added to the root of the second moment.</summary>
    [SpecKey(
        "added to the root of the second moment (rmsprop, adam). Default: Kingma and Ba 2015",
        Least = 0,
        Most = 1e3,
        UsedWhere = "optimizer.name",
        UsedWith = [OptimizerNames.RmsProp, OptimizerNames.Adam, OptimizerNames.AdamW, OptimizerNames.ClippedAdam]
    )]
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>
    /// Decoupled weight decay of adamw: in addition to the update, each step shrinks theta by eta times this.
    /// </summary>
    [SpecKey(
        "adamw: theta shrinks by eta times this per step. Default: PyTorch's",
        Least = 0,
        Most = 1e3,
        UsedWhere = "optimizer.name",
        UsedWith = [OptimizerNames.AdamW]
    )]
    public double DecoupledDecay { get; init; } = 0.01;

    /// <summary>Samples per batch of sgd.</summary>
    [SpecKey(
        "sgd: samples per batch",
        Least = 1,
        Most = 1e9,
        UsedWhere = "optimizer.name",
        UsedWith = [OptimizerNames.MinibatchDescent],
        OrWhere = "curvature.batch_probes"
    )]
    public int Batch { get; init; } = 32;

    /// <summary>rho of sam: the distance up the gradient at which sam takes its gradient.</summary>
    [SpecKey(
        "sam: rho. Default: Foret et al. 2021",
        Least = 0,
        Most = 1e3,
        UsedWhere = "optimizer.name",
        UsedWith = [OptimizerNames.SharpnessAware]
    )]
    public double Radius { get; init; } = 0.05;

    /// <summary>
    /// The largest gradient norm; a gradient with a larger norm is scaled down to it. 0 disables clipping.
    /// </summary>
    [SpecKey("gradients of a larger norm are scaled down to it; 0: never", Least = 0, Most = 1e9)]
    public double ClipNorm { get; init; }

    /// <summary>The smallest entry of the preconditioner of clipped-adam.</summary>
    [SpecKey(
        "clipped-adam: smallest entry of the preconditioner",
        Least = 0,
        Most = 1e9,
        UsedWhere = "optimizer.name",
        UsedWith = [OptimizerNames.ClippedAdam]
    )]
    public double PreconditionerLow { get; init; }

    /// <summary>The largest entry of the preconditioner of clipped-adam; 0 for no limit.</summary>
    [SpecKey(
        "clipped-adam: largest entry of the preconditioner; 0: none, which is adam",
        Least = 0,
        Most = 1e9,
        UsedWhere = "optimizer.name",
        UsedWith = [OptimizerNames.ClippedAdam]
    )]
    public double PreconditionerHigh { get; init; }
}
