using Gyre.Lab.Dynamics;

namespace Gyre.Lab.Sweeps;

/// <summary>A sweep as given: a run's keys, and what varies. Resolved to runs by <see cref="SweepPlanner"/>.</summary>
/// <param name="Name">Of the sweep, and of its folder.</param>
/// <param name="Base">Keys of the runs as given, defaults not filled in.</param>
/// <param name="Axes">What varies, seeds left out.</param>
/// <param name="Seeds">Every combination of the axes is run with each: cells are paired by them.</param>
/// <param name="Reductions">Branches.</param>
/// <param name="Retries">How often a cell whose process died is started again.</param>
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
    /// <summary>The one key that can be laid out in edge units.</summary>
    public const string RateKey = "training.learning_rate";

    /// <summary>How many cells it has, reductions left out.</summary>
    public int Combinations => Axes.Aggregate(Seeds.Count, (cells, axis) => cells * axis.Values.Count);

    /// <summary>
    /// Whether a rate is given in edge units: S(theta_0) must then be known before the sweep can be laid out.
    /// </summary>
    public bool InEdgeUnits =>
        Axes.Any(axis => axis.InEdgeUnits) || Reductions.Any(reduction => reduction.EdgeUnits is not null);
}

/// <summary>One key that varies.</summary>
/// <param name="Key">Dotted.</param>
/// <param name="Values">As a TOML parser gives them.</param>
/// <param name="InEdgeUnits">Whether the values are multiples of 2/S(theta_0).</param>
internal sealed record SweepAxis(string Key, IReadOnlyList<object> Values, bool InEdgeUnits);

/// <summary>A branch: from a moment on, cells go on with a smaller rate. Its cells fork from their parents.</summary>
/// <param name="Step">Moment as a step, or null.</param>
/// <param name="Time">Moment as training time, or null.</param>
/// <param name="LearningRate">The rate after, or null.</param>
/// <param name="Factor">The rate after over the rate before, or null.</param>
/// <param name="EdgeUnits">The rate after in edge units, or null.</param>
/// <param name="Parents">Values of the rate axis whose cells branch; empty: every cell whose rate is above.</param>
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

    /// <summary>The key that gave it.</summary>
    public string Source { get; init; } = "sweep.reductions";

    /// <summary>Whether cells of this rate, as the axis has it, branch.</summary>
    public bool Meant(double rate) => Parents.Count == 0 || Parents.Any(one => Same(one, rate));

    /// <summary>Equal but for the last digits of their text.</summary>
    internal static bool Same(double one, double other) => Math.Abs(one - other) <= 1e-9 * Math.Abs(other);
}
