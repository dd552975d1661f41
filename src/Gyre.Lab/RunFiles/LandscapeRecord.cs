namespace Gyre.Lab.RunFiles;

/// <summary>landscape.json: the loss on lines and planes through one theta of a run (docs/formats.md).</summary>
internal sealed record LandscapeRecord
{
    /// <summary>Version of the format.</summary>
    public required int Format { get; init; }

    /// <summary>What was drawn; equal to grid.json.</summary>
    public required LandscapeGrid Grid { get; init; }

    /// <summary>n.</summary>
    public required long Parameters { get; init; }

    /// <summary>N, samples that every loss is a mean over.</summary>
    public required long Samples { get; init; }

    /// <summary>L at theta(step), weight decay included.</summary>
    public required double Loss { get; init; }

    /// <summary>‖∇L‖ there.</summary>
    public required double GradientNorm { get; init; }

    /// <summary>eta of the update from there.</summary>
    public required double LearningRate { get; init; }

    /// <summary>
    /// The edge that these eigenvalues meet there; null where the run's optimizer has none, or one of a preconditioned
    /// matrix.
    /// </summary>
    public required double? Threshold { get; init; }

    /// <summary>How theta(step) was found, and how the way there compares with the run's files.</summary>
    public required ReplayRecord Replay { get; init; }

    /// <summary>The leading eigenvalues of the Hessian at theta(step), largest first.</summary>
    public required IReadOnlyList<double> Eigenvalues { get; init; }

    /// <summary>‖H v − lambda v‖ of each.</summary>
    public required IReadOnlyList<double> Residuals { get; init; }

    /// <summary>Bound of each eigenvector's error; null where unresolved.</summary>
    public required IReadOnlyList<double?> AngleErrorsDegrees { get; init; }

    /// <summary>Why the solver stopped.</summary>
    public required string StopReason { get; init; }

    /// <summary>Products used.</summary>
    public required int Products { get; init; }

    /// <summary>Share of the iterates' variance along each principal direction, largest first; they sum to 1.</summary>
    public required IReadOnlyList<double> VarianceShares { get; init; }

    /// <summary>The iterates on each slice, by the slice's name.</summary>
    public required IReadOnlyDictionary<string, IReadOnlyList<PlacedIterate>> Iterates { get; init; }

    /// <summary>Sentences on what a reader should know.</summary>
    public required IReadOnlyList<string> Remarks { get; init; }
}

/// <summary>grid.json: what is evaluated. Points of another grid do not fit.</summary>
/// <param name="Run">name-id of the run's spec.</param>
/// <param name="Step">theta(step) is the origin of lines and of the plane of eigenvectors.</param>
/// <param name="First">First iterate of the window.</param>
/// <param name="Last">Last one.</param>
/// <param name="Slices">Lines and planes, in the order of evaluation.</param>
internal sealed record LandscapeGrid(
    string Run,
    long Step,
    long First,
    long Last,
    IReadOnlyList<LandscapeSlice> Slices
);

/// <summary>A line or a plane.</summary>
/// <param name="Name">Of its files.</param>
/// <param name="Origin">"step": theta(step); "mean": the mean of the window's iterates.</param>
/// <param name="Axes">One or two.</param>
internal sealed record LandscapeSlice(string Name, string Origin, IReadOnlyList<LandscapeAxis> Axes)
{
    /// <summary>The origin at theta of a step.</summary>
    public const string AtStep = "step";

    /// <summary>The origin at the mean of the window's iterates.</summary>
    public const string AtMean = "mean";

    /// <summary>How many losses it takes.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public long Points => Axes.Aggregate(1L, (product, axis) => product * axis.Points);

    /// <summary>The coordinates of a point by its number: along the first axis first.</summary>
    public double[] Place(long number)
    {
        var first = Axes[0].At((int)(number % Axes[0].Points));
        return Axes.Count == 1 ? [first] : [first, Axes[1].At((int)(number / Axes[0].Points))];
    }
}

/// <summary>One axis of a slice; its unit is the distance in theta.</summary>
/// <param name="Direction">v1, v2, gradient, pc1 or pc2: a unit vector.</param>
/// <param name="Low">First coordinate.</param>
/// <param name="High">Last one.</param>
/// <param name="Points">How many, evenly spaced.</param>
/// <param name="Slope">∇L · d at the origin; null on principal directions.</param>
/// <param name="Curvature">dᵀ H d there; null on principal directions.</param>
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

    /// <summary>The i-th coordinate.</summary>
    public double At(int i) => Low + (High - Low) * i / (Points - 1);

    /// <summary>The quadratic model L + slope·a + curvature/2·a²; NaN where it is not known.</summary>
    public double Quadratic(double loss, double a) =>
        loss + (Slope ?? double.NaN) * a + 0.5 * (Curvature ?? double.NaN) * a * a;
}

/// <summary>One line of points.jsonl.</summary>
/// <param name="Slice">Name.</param>
/// <param name="Number">From 0, along the first axis first.</param>
/// <param name="Loss">Full-batch loss; null where it is not finite.</param>
internal sealed record LandscapePoint(string Slice, long Number, double Loss);

/// <summary>An iterate and its shadow on a slice.</summary>
/// <param name="Step">Which.</param>
/// <param name="Place">Coordinates of the shadow, its orthogonal projection.</param>
/// <param name="Distance">‖theta − shadow‖: how far off the slice it lies.</param>
/// <param name="Loss">At the iterate.</param>
/// <param name="ShadowLoss">At the shadow.</param>
internal sealed record PlacedIterate(
    long Step,
    IReadOnlyList<double> Place,
    double Distance,
    double Loss,
    double ShadowLoss
);

/// <summary>The replayed part of a run beside its steps.jsonl.</summary>
/// <param name="From">Step of the checkpoint that the replay began at; 0 is the initialisation where there is
/// none.</param>
/// <param name="Compared">Losses compared.</param>
/// <param name="LargestDifference">Largest |replayed − recorded| over the largest recorded loss among them; 0 means
/// equal bit for bit.</param>
/// <param name="Allowed">Above it nothing is drawn.</param>
internal sealed record ReplayRecord(long From, int Compared, double LargestDifference, double Allowed);
