namespace Gyre.Lab.Optimizers;

/// <summary>Which update rule, and its numbers; each rule reads those that it has (docs/optimizers.md).</summary>
public record OptimizerOptions
{
    /// <summary>A name of <see cref="OptimizerCatalog"/>.</summary>
    public string Name { get; init; } = "gd";

    /// <summary>b of Polyak and Nesterov momentum; b₁ of the Adam family.</summary>
    public double Momentum { get; init; } = 0.9;

    /// <summary>
    /// b₂: decay of the mean of squared gradients; 0 is the rule's own (0.99 rmsprop, 0.999 the Adam family: the
    /// defaults of PyTorch).
    /// </summary>
    public double SecondMoment { get; init; }

    /// <summary>Added to the root of the second moment.</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>
    /// Decoupled weight decay of adamw: theta shrinks by eta times this in each step, beside the update.
    /// </summary>
    public double DecoupledDecay { get; init; } = 0.01;

    /// <summary>Samples a batch of sgd.</summary>
    public int Batch { get; init; } = 32;

    /// <summary>rho of sam: how far up the gradient the gradient is taken.</summary>
    public double Radius { get; init; } = 0.05;

    /// <summary>Gradients of a larger norm are scaled down to it; 0: never.</summary>
    public double ClipNorm { get; init; }

    /// <summary>Least entry of the preconditioner of clipped-adam.</summary>
    public double PreconditionerLow { get; init; }

    /// <summary>Largest entry of the preconditioner of clipped-adam; 0: none.</summary>
    public double PreconditionerHigh { get; init; }

    /// <summary>Of the order of batches.</summary>
    public int Seed { get; init; }

    /// <summary>Bytes of gradient graphs that gradient-flow may keep while it looks for its step.</summary>
    public long CacheBytes { get; init; }
}
