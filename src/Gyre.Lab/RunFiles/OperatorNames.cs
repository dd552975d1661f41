namespace Gyre.Lab.RunFiles;

/// <summary>The names of the curvature operators in specs and files.</summary>
internal static class OperatorNames
{
    /// <summary>The Hessian of the loss.</summary>
    public const string Hessian = "hessian";

    /// <summary>
    /// The generalized Gauss–Newton matrix: the Hessian without the part due to the curvature of the network's
    /// outputs.
    /// </summary>
    public const string GaussNewton = "gauss-newton";

    /// <summary>The empirical Fisher matrix: the mean outer product of the samples' gradients.</summary>
    public const string Fisher = "fisher";

    /// <summary>Returns the matrix's name in text: the Hessian, the Gauss–Newton matrix, the Fisher matrix.</summary>
    public static string Spoken(string name) =>
        name switch
        {
            Hessian => "Hessian",
            GaussNewton => "Gauss–Newton matrix",
            Fisher => "Fisher matrix",
            _ => name,
        };
}
