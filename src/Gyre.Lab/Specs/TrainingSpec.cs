using Gyre.Lab.Dynamics;
using Gyre.Lab.Keys;
using Gyre.Lab.Optimizers;

namespace Gyre.Lab.Specs;

/// <summary>The section [training]: at which step sizes, and how long.</summary>
internal sealed record TrainingSpec
{
    /// <summary>Updates.</summary>
    [SpecKey("updates", Least = 1, Most = 1e9)]
    public int Steps { get; init; } = 500;

    /// <summary>
    /// Where above 0: training time, the sum of the step sizes, that <see cref="Steps"/> was made from.
    /// </summary>
    [SpecKey(
        "training time: the sum of the step sizes at which the run ends; above 0 it decides "
            + "training.steps. Default 0: training.steps decides",
        Least = 0,
        Most = 1e9
    )]
    public double Time { get; init; }

    /// <summary>eta from step 0.</summary>
    [SpecKey("eta from step 0. Default: above 2/sharpness for the default network", Above = 0, Most = 1e6)]
    public double LearningRate { get; init; } = 0.2;

    /// <summary>Changes of eta: piecewise constant, steps strictly increasing.</summary>
    [SpecKey("changes of eta, piecewise constant; { step = …, factor = … } multiplies the rate before")]
    public IReadOnlyList<RateChange> Schedule { get; init; } = [];

    /// <summary>Steps over which eta rises linearly at first.</summary>
    [SpecKey("steps over which eta rises linearly to its value (Goyal et al. 2017)", Least = 0, Most = 1e9)]
    public int Warmup { get; init; }

    /// <summary>none, cosine or step: a factor on eta over the whole run.</summary>
    [SpecKey(
        "a factor on eta over the run. cosine: from 1 to decay_to along half a cosine (Loshchilov and "
            + "Hutter 2017); step: times decay_to after every decay_every steps",
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

    /// <summary>How eta follows the sharpness; a share of 0 where a schedule decides it.</summary>
    [SpecSection("")]
    public EdgeRateOptions Edge { get; init; } = new();

    /// <summary>A loss above this multiple of the loss at step 0 counts towards divergence.</summary>
    [SpecKey(
        "a loss above this multiple of the first counts towards divergence. Default: chosen, far above "
            + "every catapult seen",
        Above = 1,
        Most = 1e12
    )]
    public double DivergenceMultiple { get; init; } = 1000;

    /// <summary>For this many steps in a row it is divergence.</summary>
    [SpecKey(
        "for this many steps in a row it is divergence. Default: chosen, longer than a catapult's climb",
        Least = 1,
        Most = 1e9
    )]
    public int DivergenceSteps { get; init; } = 20;

    /// <summary>
    /// When the run ends before <see cref="Steps"/>; looked at after the last change of <see cref="Schedule"/>.
    /// </summary>
    [SpecSection("until.")]
    public StopConditions Until { get; init; } = new();

    /// <summary>
    /// Steps between evaluations of the test set; 0: at the first step of each burst where bursts are spaced in
    /// training time, else at the end alone. The last step is always evaluated.
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

/// <summary>A change of eta as a file gives it: exactly one of the two.</summary>
/// <param name="Step">From here on.</param>
/// <param name="LearningRate">eta.</param>
/// <param name="Factor">On the eta before.</param>
internal sealed record GivenChange(int Step, double? LearningRate, double? Factor)
{
    /// <summary>The changes with a rate each, from the rate at step 0.</summary>
    public static IReadOnlyList<RateChange> Resolve(IReadOnlyList<GivenChange> given, double rate)
    {
        var changes = new RateChange[given.Count];
        for (var i = 0; i < changes.Length; i++)
            changes[i] = new RateChange(given[i].Step, rate = given[i].LearningRate ?? rate * given[i].Factor!.Value);
        return changes;
    }
}
