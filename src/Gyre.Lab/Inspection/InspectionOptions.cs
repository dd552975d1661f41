using Gyre.Lab.RunFiles;

namespace Gyre.Lab.Inspection;

/// <summary>The scope and the accuracy of an inspection.</summary>
internal sealed record InspectionOptions
{
    /// <summary>Names of the operators, the default first.</summary>
    public static IReadOnlyList<string> Operators { get; } =
    [OperatorNames.Hessian, OperatorNames.GaussNewton, OperatorNames.Fisher];

    /// <summary>
    /// The number of eigenpairs at each end of the Hessian's spectrum, or at the top of the other operators' spectra.
    /// </summary>
    public int Pairs { get; init; } = 4;

    /// <summary>The operator, one of <see cref="Operators"/>.</summary>
    public string Operator { get; init; } = Operators[0];

    /// <summary>Patterns of parameter names, with * and ?; an empty list selects all.</summary>
    public IReadOnlyList<string> Parameters { get; init; } = [];

    /// <summary>
    /// The angle, in degrees, below which every eigenvector's error bar is brought if the products suffice.
    /// </summary>
    public double AngleToleranceDegrees { get; init; } = 1;

    /// <summary>The largest number of products for the eigenpairs.</summary>
    public int MaxProducts { get; init; } = 300;

    /// <summary>The number of random vectors for the trace; 0 skips it.</summary>
    public int TraceProbes { get; init; } = 20;

    /// <summary>The number of random vectors for the spectral density; 0 skips it, otherwise at least 2.</summary>
    public int DensityProbes { get; init; } = 4;

    /// <summary>The number of Lanczos steps per random vector of the density.</summary>
    public int DensitySteps { get; init; } = 40;

    /// <summary>Whether to measure each parameter tensor's own block.</summary>
    public bool Layers { get; init; } = true;
}
