using Gyre.Lab.Dynamics;
using Gyre.Lab.Keys;
using Gyre.Lab.Optimizers;

namespace Gyre.Lab.Specs;

/// <summary>The section [training]: learning rates and length.</summary>
internal sealed record TrainingSpec
{
    /// <summary>The number of updates.</summary>
    [SpecKey("number of updates", Least = 1, Most = 1e9)]
    public int Steps { get; init; } = 500;

    /// <summary>
    /// If above 0, the training time (the sum of the learning rates) that determines <see cref="Steps"/>.
    /// </summary>
    [SpecKey(
        "training time (the sum of the learning rates) at which the run ends; a value above 0 determines "
            + "training.steps. Default 0: training.steps is used",
        Least = 0,
        Most = 1e9
    )]
    public double Time { get; init; }

    /// <summary>eta from step 0.</summary>
    [SpecKey("eta from step 0. Default: above 2/sharpness for the default network", Above = 0, Most = 1e6)]
    public double LearningRate { get; init; } = 0.2;

    /// <summary>Changes of eta: piecewise constant, at strictly increasing steps.</summary>
    [SpecKey("changes of eta, piecewise constant; { step = …, factor = … } multiplies the previous learning rate")]
    public IReadOnlyList<RateChange> Schedule { get; init; } = [];

    /// <summary>Steps over which eta increases linearly at the start.</summary>
    [SpecKey("steps over which eta increases linearly to its value (Goyal et al. 2017)", Least = 0, Most = 1e9)]
    public int Warmup { get; init; }

    /// <summary>none, cosine or step: a factor on eta over the whole run.</summary>
    [SpecKey(
        "a factor on eta over the run. cosine: from 1 to decay_to along half a cosine (Loshchilov and "
            + "Hutter 2017); step: multiplied by decay_to after every decay_every steps",
        Choices = [DecayNames.None, DecayNames.Cosine, DecayNames.Step]
    )]
    public string Decay { get; init; } = DecayNames.None;

    /// <summary>Cosine: the factor at the last step. Step: the factor of each decay.</summary>
    [SpecKey(
        "see training.decay",
        Least = 0,
        Most = 1,
        UsedWhere = "training.decay",
        UsedWith = [DecayNames.Cosine, DecayNames.Step]
    )]
    public double DecayTo { get; init; } = 0.1;

    /// <summary>Step: updates between decays.</summary>
    [SpecKey("see training.decay", Least = 1, Most = 1e9, UsedWhere = "training.decay", UsedWith = [DecayNames.Step])]
    public int DecayEvery { get; init; } = 100;

    /// <summary>How eta follows the sharpness; a share of 0 if a schedule determines it.</summary>
    [SpecSection("")]
    public EdgeRateOptions Edge { get; init; } = new();

    /// <summary>A loss above this multiple of the loss at step 0 counts toward divergence.</summary>
    [SpecKey(
        "a loss above this multiple of the first counts toward divergence. Default: chosen, far above "
            + "every catapult observed",
        Above = 1,
        Most = 1e12
    )]
    public double DivergenceMultiple { get; init; } = 1000;

    /// <summary>The number of consecutive steps above it that count as divergence.</summary>
    [SpecKey(
        "this many consecutive steps count as divergence. Default: chosen, longer than the rise of a catapult",
        Least = 1,
        Most = 1e9
    )]
    public int DivergenceSteps { get; init; } = 20;

    /// <summary>
    /// Conditions that end the run before <see cref="Steps"/>; checked after the last change of <see cref="Schedule"/>.
    /// </summary>
    [SpecSection("until.")]
    public StopConditions Until { get; init; } = new();

    /// <summary>
    /// Steps between evaluations of the test set. 0: at the first step of each burst if bursts are spaced in training
    /// time, otherwise only at the end. The last step is always evaluated.
    /// </summary>
    [SpecKey(
        "steps between evaluations of the test set; 0: only at the end, or with curvature.every_time at each burst",
        Least = 0,
        Most = 1e9
    )]
    public int EvaluateEvery { get; init; } = 10;
}

/// <summary>From <paramref name="Step"/> on, eta is <paramref name="LearningRate"/>.</summary>
internal sealed record RateChange(int Step, double LearningRate);

/// <summary>A change of eta as given in a file, with exactly one of the two values.</summary>
/// <param name="Step">The first step with the new eta.</param>
/// <param name="LearningRate">The new eta.</param>
/// <param name="Factor">The factor on the previous eta.</param>
internal sealed record GivenChange(int Step, double? LearningRate, double? Factor)
{
    /// <summary>Returns the changes with their learning rates, from the learning rate at step 0.</summary>
    public static IReadOnlyList<RateChange> Resolve(IReadOnlyList<GivenChange> given, double rate)
    {
        var changes = new RateChange[given.Count];
        for (var i = 0; i < changes.Length; i++)
            changes[i] = new RateChange(given[i].Step, rate = given[i].LearningRate ?? rate * given[i].Factor!.Value);
        return changes;
    }
}
