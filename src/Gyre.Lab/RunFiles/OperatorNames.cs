namespace Gyre.Lab.RunFiles;

/// <summary>What specs and files call each curvature operator.</summary>
internal static class OperatorNames
{
    /// <summary>The Hessian of the loss.</summary>
    public const string Hessian = "hessian";

    /// <summary>
    /// The generalized Gauss–Newton matrix: the Hessian less the part that the curvature of the network's outputs
    /// makes.
    /// </summary>
    public const string GaussNewton = "gauss-newton";

    /// <summary>The empirical Fisher matrix: the mean outer product of the samples' gradients.</summary>
    public const string Fisher = "fisher";
}
