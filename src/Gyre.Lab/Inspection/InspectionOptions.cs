using Gyre.Lab.RunFiles;

namespace Gyre.Lab.Inspection;

/// <summary>What an inspection looks at, and how closely.</summary>
internal sealed record InspectionOptions
{
    /// <summary>Names of the operators, the default first.</summary>
    public static IReadOnlyList<string> Operators { get; } =
    [OperatorNames.Hessian, OperatorNames.GaussNewton, OperatorNames.Fisher];

    /// <summary>Eigenpairs at each end of the Hessian's spectrum, at the top of the others'.</summary>
    public int Pairs { get; init; } = 4;

    /// <summary>One of <see cref="Operators"/>.</summary>
    public string Operator { get; init; } = Operators[0];

    /// <summary>Patterns of parameter names, with * and ?; empty chooses all.</summary>
    public IReadOnlyList<string> Parameters { get; init; } = [];

    /// <summary>Degrees that every vector's error bar is brought below, where the products last.</summary>
    public double AngleToleranceDegrees { get; init; } = 1;

    /// <summary>Products that the eigenpairs may take.</summary>
    public int MaxProducts { get; init; } = 300;

    /// <summary>Random vectors of the trace; 0 leaves it out.</summary>
    public int TraceProbes { get; init; } = 20;

    /// <summary>Random vectors of the spectral density; 0 leaves it out, else 2 at least.</summary>
    public int DensityProbes { get; init; } = 4;

    /// <summary>Lanczos steps each.</summary>
    public int DensitySteps { get; init; } = 40;

    /// <summary>Whether each parameter tensor's own block is measured.</summary>
    public bool Layers { get; init; } = true;
}
