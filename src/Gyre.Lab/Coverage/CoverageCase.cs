using Gyre.Lab.Specs;

namespace Gyre.Lab.Coverage;

/// <summary>A setting whose error bars are checked over the course of a training.</summary>
/// <param name="Name">A description for tables.</param>
/// <param name="Sets">Keys in addition to <see cref="Common"/>.</param>
internal sealed record CoverageCase(string Name, params string[] Sets)
{
    /// <summary>The keys that all settings share: networks small enough for thousands of solves in float64.</summary>
    private static readonly string[] Common =
    [
        "data.samples=200",
        "model.widths=[40,40]",
        "training.steps=200",
        "curvature.every=10",
        "threads=1",
        "training.evaluate_every=0",
    ];

    /// <summary>
    /// All settings of the full suite: two activations, two losses, three kinds of network, both dtypes, four numbers
    /// of pairs, bursts of 1 and 3, three rules, learning rates from half to twice the edge.
    /// </summary>
    public static IReadOnlyList<CoverageCase> All { get; } =
    [
        new("relu, cross-entropy, 4 pairs", "training.learning_rate=0.3", "curvature.every=5"),
        new("relu, cross-entropy, 4 pairs, 0.5 edge units", "training.learning_rate=0.43", "dtype=float64"),
        new("tanh, cross-entropy, 4 pairs, 1.1 edge units", "model.activation=tanh", "training.learning_rate=0.8"),
        new(
            "tanh, squared error, 4 pairs",
            "model.activation=tanh",
            "objective.loss=squared-error",
            "training.learning_rate=0.05"
        ),
        new(
            "relu, squared error, 2 edge units, 3 pairs",
            "objective.loss=squared-error",
            "training.learning_rate=0.4",
            "curvature.pairs=3",
            "dtype=float64"
        ),
        new(
            "relu, 3 pairs, bursts of one step",
            "curvature.pairs=3",
            "curvature.burst=1",
            "curvature.every=4",
            "training.learning_rate=0.4"
        ),
        new("relu, 8 pairs", "curvature.pairs=8", "training.learning_rate=0.3"),
        new("relu, 1 pair", "curvature.pairs=1", "training.learning_rate=0.3", "curvature.every=5"),
        new(
            "tanh, 1 pair, bursts of one step",
            "curvature.pairs=1",
            "curvature.burst=1",
            "curvature.every=3",
            "model.activation=tanh",
            "training.learning_rate=0.8"
        ),
        new(
            "convolutions, 4 pairs",
            "model.name=cnn",
            "model.widths=[6,6]",
            "model.activation=tanh",
            "data.samples=100",
            "training.learning_rate=0.1",
            "training.steps=100"
        ),
        new(
            "vision transformer, 3 pairs",
            "model.name=vit",
            "model.widths=[]",
            "model.depth=1",
            "model.width=16",
            "model.heads=2",
            "model.patch=7",
            "data.samples=60",
            "curvature.pairs=3",
            "training.learning_rate=0.1",
            "training.steps=100"
        ),
        new("momentum (Polyak), 4 pairs", "optimizer.name=polyak", "training.learning_rate=0.05"),
        new("Adam's preconditioned Hessian, 4 pairs", "optimizer.name=adam", "training.learning_rate=0.003"),
    ];

    /// <summary>
    /// The small suite that the tests run: the settings in which error bars failed before guard vectors were kept.
    /// </summary>
    public static IReadOnlyList<CoverageCase> Small { get; } = [.. new[] { 0, 2, 5, 7 }.Select(index => All[index])];

    /// <summary>Returns the spec of this setting.</summary>
    /// <param name="seed">Seed for the run.</param>
    /// <param name="steps">The number of updates; null keeps the setting's own.</param>
    public RunSpec Spec(int seed, int? steps = null)
    {
        string[] ends = steps is { } few ? [FormattableString.Invariant($"training.steps={few}")] : [];
        return SpecReader.Read(
            "fashion-mlp",
            [.. Common, .. Sets, .. ends, FormattableString.Invariant($"seed={seed}")]
        );
    }
}
