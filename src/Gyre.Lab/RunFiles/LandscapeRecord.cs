namespace Gyre.Lab.RunFiles;

/// <summary>landscape.json: the loss on lines and planes through one theta of a run (docs/formats.md).</summary>
internal sealed record LandscapeRecord
{
    /// <summary>Version of the format.</summary>
    public required int Format { get; init; }

    /// <summary>The grid that was drawn; equal to grid.json.</summary>
    public required LandscapeGrid Grid { get; init; }

    /// <summary>n, the number of parameters.</summary>
    public required long Parameters { get; init; }

    /// <summary>N, the number of samples over which every loss is averaged.</summary>
    public required long Samples { get; init; }

    /// <summary>L at theta(step), weight decay included.</summary>
    public required double Loss { get; init; }

    /// <summary>‖∇L‖ at theta(step).</summary>
    public required double GradientNorm { get; init; }

    /// <summary>eta of the update at theta(step).</summary>
    public required double LearningRate { get; init; }

    /// <summary>
    /// The threshold for these eigenvalues at theta(step); null if the run's optimizer has none, or if it applies to
    /// a preconditioned matrix.
    /// </summary>
    public required double? Threshold { get; init; }

    /// <summary>How theta(step) was recomputed, and how the replayed losses compare with the run's files.</summary>
    public required ReplayRecord Replay { get; init; }

    /// <summary>The leading eigenvalues of the Hessian at theta(step), largest first.</summary>
    public required IReadOnlyList<double> Eigenvalues { get; init; }

    /// <summary>The residual ‖H v − lambda v‖ of each eigenpair.</summary>
    public required IReadOnlyList<double> Residuals { get; init; }

    /// <summary>Bound on each eigenvector's angle error; null if unresolved.</summary>
    public required IReadOnlyList<double?> AngleErrorsDegrees { get; init; }

    /// <summary>Why the solver stopped.</summary>
    public required string StopReason { get; init; }

    /// <summary>The number of products used.</summary>
    public required int Products { get; init; }

    /// <summary>
    /// Shares of the iterates' variance along the principal directions, largest first; their sum is 1.
    /// </summary>
    public required IReadOnlyList<double> VarianceShares { get; init; }

    /// <summary>The iterates on each slice, by the slice's name.</summary>
    public required IReadOnlyDictionary<string, IReadOnlyList<PlacedIterate>> Iterates { get; init; }

    /// <summary>Sentences that a reader should know.</summary>
    public required IReadOnlyList<string> Remarks { get; init; }
}

/// <summary>grid.json: the grid to evaluate. Points of another grid cannot be reused.</summary>
/// <param name="Run">name-id of the run's spec.</param>
/// <param name="Step">The step whose theta is the origin of the lines and of the plane of eigenvectors.</param>
/// <param name="First">First iterate in the window.</param>
/// <param name="Last">Last iterate in the window.</param>
/// <param name="Slices">Lines and planes, in the order of evaluation.</param>
internal sealed record LandscapeGrid(
    string Run,
    long Step,
    long First,
    long Last,
    IReadOnlyList<LandscapeSlice> Slices
);

/// <summary>A line or a plane.</summary>
/// <param name="Name">Name, also of the slice's files.</param>
/// <param name="Origin">"step": theta(step); "mean": the mean of the window's iterates.</param>
/// <param name="Axes">One axis or two.</param>
internal sealed record LandscapeSlice(string Name, string Origin, IReadOnlyList<LandscapeAxis> Axes)
{
    /// <summary>The origin at the theta of a step.</summary>
    public const string AtStep = "step";

    /// <summary>The origin at the mean of the window's iterates.</summary>
    public const string AtMean = "mean";

    /// <summary>The number of losses to evaluate.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public long Points => Axes.Aggregate(1L, (product, axis) => product * axis.Points);

    /// <summary>Returns the coordinates of the point with a number. Numbers run along the first axis first.</summary>
    public double[] Place(long number)
    {
        var first = Axes[0].At((int)(number % Axes[0].Points));
        return Axes.Count == 1 ? [first] : [first, Axes[1].At((int)(number / Axes[0].Points))];
    }
}

/// <summary>One axis of a slice, in units of distance in theta.</summary>
/// <param name="Direction">v1, v2, gradient, pc1 or pc2: a unit vector.</param>
/// <param name="Low">First coordinate.</param>
/// <param name="High">Last coordinate.</param>
/// <param name="Points">Number of evenly spaced points.</param>
/// <param name="Slope">∇L · d at the origin; null for principal directions.</param>
/// <param name="Curvature">dᵀ H d at the origin; null for principal directions.</param>
internal sealed record LandscapeAxis(
    string Direction,
    double Low,
    double High,
    int Points,
    double? Slope,
    double? Curvature
)
{
    /// <summary>The direction of the gradient.</summary>
    public const string Gradient = "gradient";

    /// <summary>Returns the i-th coordinate.</summary>
    public double At(int i) => Low + (High - Low) * i / (Points - 1);

    /// <summary>Evaluates the quadratic model L + slope·a + curvature/2·a²; NaN if it is not known.</summary>
    public double Quadratic(double loss, double a) =>
        loss + (Slope ?? double.NaN) * a + 0.5 * (Curvature ?? double.NaN) * a * a;
}

/// <summary>One line of points.jsonl.</summary>
/// <param name="Slice">Name of the slice.</param>
/// <param name="Number">Number of the point, from 0, along the first axis first.</param>
/// <param name="Loss">Full-batch loss; null if it is not finite.</param>
internal sealed record LandscapePoint(string Slice, long Number, double Loss);

/// <summary>An iterate and its shadow on a slice: its orthogonal projection.</summary>
/// <param name="Place">Coordinates of the shadow.</param>
/// <param name="Distance">‖theta − shadow‖: the distance of the iterate from the slice.</param>
/// <param name="Loss">Loss at the iterate.</param>
/// <param name="ShadowLoss">Loss at the shadow.</param>
internal sealed record PlacedIterate(
    long Step,
    IReadOnlyList<double> Place,
    double Distance,
    double Loss,
    double ShadowLoss
);

/// <summary>The result of training part of a run again, compared with its steps.jsonl.</summary>
/// <param name="From">Step of the checkpoint at which the replay began; 0, the initialization, if there is no
/// checkpoint.</param>
/// <param name="Compared">Number of losses compared.</param>
/// <param name="LargestDifference">Largest |replayed − recorded| over the largest recorded loss among them; 0 means
/// equal bit for bit.</param>
/// <param name="Allowed">Largest difference at which the landscape is still drawn.</param>
internal sealed record ReplayRecord(long From, int Compared, double LargestDifference, double Allowed);
