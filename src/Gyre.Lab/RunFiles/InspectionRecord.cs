using System.Globalization;
using System.Text.Json.Serialization;
using Gyre.Lab.Statistics;

namespace Gyre.Lab.RunFiles;

/// <summary>inspect.json: the curvature of one network at one theta (docs/formats.md).</summary>
internal sealed record InspectionRecord
{
    /// <summary>Version of the format.</summary>
    public required int Format { get; init; }

    /// <summary>
    /// The subject of the inspection: the run's name and id, the checkpoint, and the matrix if it is not the Hessian;
    /// null if the caller gave none.
    /// </summary>
    public string? Subject { get; init; }

    /// <summary>The network, in words.</summary>
    public required string Model { get; init; }

    /// <summary>The samples, in words.</summary>
    public required string Data { get; init; }

    /// <summary>hessian, gauss-newton or fisher.</summary>
    public required string Operator { get; init; }

    /// <summary>N, the number of samples over which every number here is averaged.</summary>
    public required long Samples { get; init; }

    /// <summary>The number of training samples to choose from; null if the program generates them.</summary>
    public required long? SamplesAtHand { get; init; }

    /// <summary>Loss, weight decay included.</summary>
    public required double Loss { get; init; }

    /// <summary>Accuracy, 0 to 1; null if the targets are numbers.</summary>
    public required double Accuracy { get; init; }

    /// <summary>‖∇L‖ with respect to the chosen parameters.</summary>
    public required double GradientNorm { get; init; }

    /// <summary>n, the number of chosen parameters.</summary>
    public required long Parameters { get; init; }

    /// <summary>Names of the chosen parameter tensors.</summary>
    public required IReadOnlyList<string> Chosen { get; init; }

    /// <summary>Leading eigenpairs, largest first.</summary>
    public required IReadOnlyList<EigenpairRecord> Top { get; init; }

    /// <summary>The bottom eigenpairs, the most negative last; empty if <see cref="Floor"/> is set.</summary>
    public required IReadOnlyList<EigenpairRecord> Bottom { get; init; }

    /// <summary>A known bound on the smallest eigenvalues; null if they were computed.</summary>
    public required FloorRecord? Floor { get; init; }

    /// <summary>The remark that explains why there are no bottom pairs; null if they were computed.</summary>
    [JsonIgnore]
    public string? NoBottom =>
        Floor is { } floor ? $"no smallest eigenpairs: {floor.Describe(Operator, Parameters)}" : null;

    /// <summary>Why the solver stopped.</summary>
    public required string StopReason { get; init; }

    /// <summary>The trace; null if it was not requested.</summary>
    public required TraceRecord? Trace { get; init; }

    /// <summary>The spectral density; null if it was not requested.</summary>
    public required DensityRecord? Density { get; init; }

    /// <summary>Sharpness of each parameter tensor's own block; null if it was not requested.</summary>
    public required IReadOnlyList<LayerRecord>? Layers { get; init; }

    /// <summary>
    /// Sentences that a reader should know: parameters that the loss ignores, frozen parameters, a subset of the
    /// data, eigenpairs that were not computed.
    /// </summary>
    public required IReadOnlyList<string> Remarks { get; init; }

    /// <summary>The total number of products.</summary>
    public required int Products { get; init; }

    /// <summary>Wall time in seconds, not counting the loading of data and network.</summary>
    public required double Seconds { get; init; }
}

/// <summary>
/// The lower end of the spectrum of a Gauss–Newton or Fisher matrix: equal eigenvalues without individual
/// eigenvectors, which no Krylov space resolves.
/// </summary>
/// <param name="Value">A lower bound on the eigenvalues: weight decay, or 0.</param>
/// <param name="AtLeast">At least this many of the n eigenvalues equal the bound: n less an upper bound on the
/// rank.</param>
internal sealed record FloorRecord(double Value, long AtLeast)
{
    /// <summary>Describes the bound as the end of a sentence.</summary>
    internal string Describe(string name, long parameters)
    {
        var matrix = name == OperatorNames.Fisher ? "the empirical Fisher matrix" : "the Gauss–Newton matrix";
        var place = NumberText.Format(Value, 6);
        var bound = Value > 0 ? $"no eigenvalue below {place}, the weight decay" : "no negative eigenvalue";
        var count = string.Create(CultureInfo.InvariantCulture, $"{AtLeast:N0} of its {parameters:N0}");
        return $"{matrix} has {bound}{(AtLeast > 0 ? $"; at least {count} are the null space, at {place}" : "")}";
    }
}

/// <summary>One eigenpair with its error bars.</summary>
/// <param name="Value">The eigenvalue.</param>
/// <param name="Residual">‖H v − lambda v‖: an eigenvalue lies within this distance.</param>
/// <param name="Gap">Distance to the nearest other estimate.</param>
/// <param name="AngleErrorDegrees">Bound on the eigenvector's angle error; null if unresolved.</param>
/// <param name="ParticipationRatio">Σ v_j⁴: 1/n if spread evenly, 1 if on a single parameter.</param>
/// <param name="LayerShares">Share of ‖v‖² in each parameter tensor.</param>
internal sealed record EigenpairRecord(
    double Value,
    double Residual,
    double Gap,
    double? AngleErrorDegrees,
    double ParticipationRatio,
    IReadOnlyDictionary<string, double> LayerShares
);

/// <summary>Stochastic Lanczos quadrature; the eigenpairs found are counted exactly.</summary>
/// <param name="Probes">Number of random vectors.</param>
/// <param name="Steps">Number of Lanczos steps per random vector.</param>
/// <param name="Width">Standard deviation of the smoothing.</param>
/// <param name="Places">Eigenvalues at which the density is given.</param>
/// <param name="Values">Density at each place: share of the n eigenvalues per unit of eigenvalue.</param>
/// <param name="Errors">Standard errors over the random vectors.</param>
/// <param name="Negative">Share of negative eigenvalues (below −10⁻³ of the largest |eigenvalue|); 0 if the matrix
/// has a floor.</param>
/// <param name="NegativeLow">Lower end of the 95 % interval.</param>
/// <param name="NegativeHigh">Upper end of the 95 % interval.</param>
internal sealed record DensityRecord(
    int Probes,
    int Steps,
    double Width,
    IReadOnlyList<double> Places,
    IReadOnlyList<double> Values,
    IReadOnlyList<double> Errors,
    double Negative,
    double NegativeLow,
    double NegativeHigh
);

/// <summary>The block of one parameter tensor.</summary>
/// <param name="Size">Number of parameters in the tensor.</param>
/// <param name="Sharpness">Largest eigenvalue of the block.</param>
/// <param name="Residual">An eigenvalue of the block lies within this distance.</param>
/// <param name="GradientNorm">‖∇L‖ with respect to the tensor.</param>
internal sealed record LayerRecord(string Name, long Size, double Sharpness, double Residual, double GradientNorm);
