using System.Globalization;
using System.Text.Json.Serialization;

namespace Gyre.Lab.RunFiles;

/// <summary>inspect.json: the curvature of one network at one theta (docs/formats.md).</summary>
internal sealed record InspectionRecord
{
    /// <summary>Version of the format.</summary>
    public required int Format { get; init; }

    /// <summary>
    /// What was inspected: the run's name and id, the checkpoint, and the matrix if it is not the Hessian; null if the
    /// caller gave none.
    /// </summary>
    public string? Subject { get; init; }

    /// <summary>The network, in words.</summary>
    public required string Model { get; init; }

    /// <summary>On which samples, in words.</summary>
    public required string Data { get; init; }

    /// <summary>hessian, gauss-newton or fisher.</summary>
    public required string Operator { get; init; }

    /// <summary>N, samples that everything here is a mean over.</summary>
    public required long Samples { get; init; }

    /// <summary>Training samples that there were to choose from; null where the program makes them.</summary>
    public required long? SamplesAtHand { get; init; }

    /// <summary>Loss, weight decay included.</summary>
    public required double Loss { get; init; }

    /// <summary>0 to 1; null where targets are numbers.</summary>
    public required double Accuracy { get; init; }

    /// <summary>‖∇L‖ by the chosen parameters.</summary>
    public required double GradientNorm { get; init; }

    /// <summary>n, chosen parameters.</summary>
    public required long Parameters { get; init; }

    /// <summary>Names of the chosen parameter tensors.</summary>
    public required IReadOnlyList<string> Chosen { get; init; }

    /// <summary>Leading eigenpairs, largest first.</summary>
    public required IReadOnlyList<EigenpairRecord> Top { get; init; }

    /// <summary>The most negative ones, most negative last; empty where <see cref="Floor"/> is set.</summary>
    public required IReadOnlyList<EigenpairRecord> Bottom { get; init; }

    /// <summary>What is known of the smallest eigenvalues beforehand; null where they were looked for.</summary>
    public required FloorRecord? Floor { get; init; }

    /// <summary>Why there are no bottom pairs: one of the remarks; null where they were looked for.</summary>
    [JsonIgnore]
    public string? NoBottom => Floor is { } floor ? $"no bottom pairs: {floor.Describe(Operator, Parameters)}" : null;

    /// <summary>Why the solver stopped.</summary>
    public required string StopReason { get; init; }

    /// <summary>The trace; null where it was not asked for.</summary>
    public required TraceRecord? Trace { get; init; }

    /// <summary>The spectral density; null where it was not asked for.</summary>
    public required DensityRecord? Density { get; init; }

    /// <summary>Sharpness of each parameter tensor's own block; null where it was not asked for.</summary>
    public required IReadOnlyList<LayerRecord>? Layers { get; init; }

    /// <summary>
    /// Sentences on what a reader should know: parameters that the loss ignores, frozen ones, a subset of the data,
    /// pairs that were not looked for.
    /// </summary>
    public required IReadOnlyList<string> Remarks { get; init; }

    /// <summary>Products in all.</summary>
    public required int Products { get; init; }

    /// <summary>Wall time, the loading of data and network left out.</summary>
    public required double Seconds { get; init; }
}

/// <summary>
/// The lower end of the spectrum of a Gauss–Newton or Fisher matrix: equal eigenvalues without vectors of their own,
/// which no Krylov space resolves.
/// </summary>
/// <param name="Value">No eigenvalue lies below it: weight decay, or 0.</param>
/// <param name="AtLeast">So many eigenvalues of the n at least equal it: n less a bound on the rank.</param>
internal sealed record FloorRecord(double Value, long AtLeast)
{
    /// <summary>What holds, as the rest of a sentence.</summary>
    internal string Describe(string name, long parameters)
    {
        var matrix = name == OperatorNames.Fisher ? "the empirical Fisher matrix" : "the Gauss–Newton matrix";
        var place = Value.ToString("G6", CultureInfo.InvariantCulture);
        var bound = Value > 0 ? $"no eigenvalue below {place}, the weight decay" : "no negative eigenvalue";
        var count = string.Create(CultureInfo.InvariantCulture, $"{AtLeast:N0} of its {parameters:N0}");
        return $"{matrix} has {bound}{(AtLeast > 0 ? $"; at least {count} are the null space, at {place}" : "")}";
    }
}

/// <summary>One eigenpair with its error bars.</summary>
/// <param name="Value">The eigenvalue.</param>
/// <param name="Residual">‖H v − lambda v‖: an eigenvalue lies within this distance.</param>
/// <param name="Gap">Distance to the nearest other estimate.</param>
/// <param name="AngleErrorDegrees">Bound of the vector's error; null where unresolved.</param>
/// <param name="ParticipationRatio">Σ v_j⁴: 1/n spread out, 1 on one parameter.</param>
/// <param name="LayerShares">Share of ‖v‖² by parameter tensor.</param>
internal sealed record EigenpairRecord(
    double Value,
    double Residual,
    double Gap,
    double? AngleErrorDegrees,
    double ParticipationRatio,
    IReadOnlyDictionary<string, double> LayerShares
);

/// <summary>Stochastic Lanczos quadrature; the eigenpairs found are counted exactly.</summary>
/// <param name="Probes">Random vectors.</param>
/// <param name="Steps">Lanczos steps each.</param>
/// <param name="Width">Standard deviation of the smoothing.</param>
/// <param name="Places">Where the density is given.</param>
/// <param name="Values">Eigenvalues a unit of value, as a share of n.</param>
/// <param name="Errors">Standard errors over the random vectors.</param>
/// <param name="Negative">Share of negative eigenvalues (below −10⁻³ of the largest |eigenvalue|); 0 where there is a
/// floor.</param>
/// <param name="NegativeLow">95 % interval, lower end.</param>
/// <param name="NegativeHigh">Upper end.</param>
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
/// <param name="Name">Its name.</param>
/// <param name="Size">How many numbers it has.</param>
/// <param name="Sharpness">Largest eigenvalue of its block.</param>
/// <param name="Residual">An eigenvalue of the block lies within this distance.</param>
/// <param name="GradientNorm">‖∇L‖ by it.</param>
internal sealed record LayerRecord(string Name, long Size, double Sharpness, double Residual, double GradientNorm);
