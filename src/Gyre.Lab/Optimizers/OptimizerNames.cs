namespace Gyre.Lab.Optimizers;

/// <summary>The names of the update rules in specs.</summary>
internal static class OptimizerNames
{
    /// <summary><see cref="Optimizers.GradientDescent"/>.</summary>
    public const string GradientDescent = "gd";

    /// <summary><see cref="PolyakMomentum"/>.</summary>
    public const string Polyak = "polyak";

    /// <summary><see cref="NesterovMomentum"/>.</summary>
    public const string Nesterov = "nesterov";

    /// <summary><see cref="Optimizers.RmsProp"/>.</summary>
    public const string RmsProp = "rmsprop";

    /// <summary><see cref="Optimizers.Adam"/>.</summary>
    public const string Adam = "adam";

    /// <summary><see cref="Optimizers.Adam"/> with decoupled weight decay.</summary>
    public const string AdamW = "adamw";

    /// <summary><see cref="Optimizers.Adam"/> with a preconditioner clamped between two bounds.</summary>
    public const string ClippedAdam = "clipped-adam";

    /// <summary><see cref="Optimizers.MinibatchDescent"/>.</summary>
    public const string MinibatchDescent = "sgd";

    /// <summary><see cref="Optimizers.SharpnessAware"/>.</summary>
    public const string SharpnessAware = "sam";

    /// <summary><see cref="Optimizers.GradientFlow"/>.</summary>
    public const string GradientFlow = "gradient-flow";
}
