using Gyre.Lab.Dynamics;

namespace Gyre.Lab.Sweeps;

/// <summary>
/// A sweep as given: the keys of its runs, and what varies. <see cref="SweepPlanner"/> resolves it to runs.
/// </summary>
/// <param name="Name">The name of the sweep and of its folder.</param>
/// <param name="Base">The keys of the runs as given, without defaults.</param>
/// <param name="Axes">The keys that vary, seeds not included.</param>
/// <param name="Seeds">Every combination of the axes is run with each seed; cells are paired by seed.</param>
/// <param name="Reductions">The branches.</param>
/// <param name="Retries">How many times a cell is restarted after its process died.</param>
/// <param name="Text">The TOML text it was read from, for the sweep's folder.</param>
internal sealed record SweepSpec(
    string Name,
    IReadOnlyDictionary<string, object> Base,
    IReadOnlyList<SweepAxis> Axes,
    IReadOnlyList<int> Seeds,
    IReadOnlyList<Reduction> Reductions,
    int Retries,
    string Text
)
{
    /// <summary>The only key that can be laid out in edge units.</summary>
    public const string RateKey = "training.learning_rate";

    /// <summary>The number of cells, not counting reductions.</summary>
    public int Combinations => Axes.Aggregate(Seeds.Count, (cells, axis) => cells * axis.Values.Count);

    /// <summary>
    /// Whether a learning rate is given in edge units; S(theta_0) must then be known before the sweep can be laid
    /// out.
    /// </summary>
    public bool InEdgeUnits =>
        Axes.Any(axis => axis.InEdgeUnits) || Reductions.Any(reduction => reduction.EdgeUnits is not null);
}

/// <summary>One key that varies.</summary>
/// <param name="Key">The dotted key.</param>
/// <param name="Values">The values as the TOML parser returns them.</param>
/// <param name="InEdgeUnits">Whether the values are multiples of 2/S(theta_0).</param>
internal sealed record SweepAxis(string Key, IReadOnlyList<object> Values, bool InEdgeUnits);

/// <summary>
/// A branch: from a given moment, cells continue with a smaller learning rate. Its cells fork from their parents.
/// </summary>
/// <param name="Step">The moment as a step, or null.</param>
/// <param name="Time">The moment as a training time, or null.</param>
/// <param name="LearningRate">The learning rate after the reduction, or null.</param>
/// <param name="Factor">The learning rate after the reduction divided by the one before, or null.</param>
/// <param name="EdgeUnits">The learning rate after the reduction in edge units, or null.</param>
/// <param name="Parents">Values of the learning-rate axis whose cells branch; if empty, every cell with a larger
/// learning rate.</param>
internal sealed record Reduction(
    long? Step,
    double? Time,
    double? LearningRate,
    double? Factor,
    double? EdgeUnits,
    IReadOnlyList<double> Parents
)
{
    /// <summary>When the branch ends before its last step.</summary>
    public StopConditions Until { get; init; } = StopConditions.None;

    /// <summary>The key that defined it.</summary>
    public string Source { get; init; } = "sweep.reductions";

    /// <summary>Returns whether cells with this learning rate, in the axis's unit, branch.</summary>
    public bool Meant(double rate) => Parents.Count == 0 || Parents.Any(one => Same(one, rate));

    /// <summary>Returns whether two numbers are equal except for the last digits of their text.</summary>
    internal static bool Same(double one, double other) => Math.Abs(one - other) <= 1e-9 * Math.Abs(other);
}
