using Gyre.Lab.Statistics;

namespace Gyre.Lab.Optimizers;

/// <summary>The kinds of decay, a factor on eta over a whole run.</summary>
internal enum LearningRateDecay
{
    /// <summary>The factor is 1 throughout.</summary>
    None,

    /// <summary>
    /// The factor falls from 1 to <see cref="LearningRateSchedule.DecayTo"/> along half a cosine over
    /// <see cref="LearningRateSchedule.Steps"/> (Loshchilov and Hutter 2017, without restarts).
    /// </summary>
    Cosine,

    /// <summary>
    /// The factor is <see cref="LearningRateSchedule.DecayTo"/> to the power of the number of complete
    /// <see cref="LearningRateSchedule.DecayEvery"/> intervals so far.
    /// </summary>
    Step,
}

/// <summary>
/// The learning rate at every step: piecewise constant, times a warmup, times a decay. A pure function of the step.
/// </summary>
/// <param name="Initial">eta at step 0.</param>
/// <param name="Changes">Changes at strictly increasing steps, each at least 1.</param>
internal sealed record LearningRateSchedule(double Initial, IReadOnlyList<LearningRateChange> Changes)
{
    /// <summary>
    /// The share of a learning rate by which a sum of learning rates may fall short of a training time; the rounding
    /// errors of such sums are far smaller.
    /// </summary>
    private const double Rounding = 1e-6;

    /// <summary>
    /// The number of steps over which eta rises linearly, from 1/Warmup of its value (Goyal et al. 2017, §2.2).
    /// </summary>
    public long Warmup { get; init; }

    /// <summary>The kind of decay.</summary>
    public LearningRateDecay Decay { get; init; }

    /// <summary>Cosine: the factor at the end. Step: the factor of each decay.</summary>
    public double DecayTo { get; init; } = 1;

    /// <summary>Step: the number of updates between decays.</summary>
    public long DecayEvery { get; init; } = 1;

    /// <summary>Cosine: the number of updates in the run.</summary>
    public long Steps { get; init; } = 1;

    /// <summary>Returns eta of the update from <paramref name="step"/> to step + 1.</summary>
    public double At(long step) => Plateau(step) * Rise(step) * (Decay == LearningRateDecay.Cosine ? Cosine(step) : 1);

    /// <summary>Whether eta jumps at this step; a warmup or a smooth decay does not count as a change.</summary>
    public bool ChangesAt(long step) => step > 0 && Plateau(step) != Plateau(step - 1);

    /// <summary>Whether this is the first step at the full eta after a warmup.</summary>
    public bool WarmupEndsAt(long step) => Warmup > 1 && step == Warmup - 1;

    /// <summary>
    /// Returns the number of updates after which the sum of the learning rates has reached <paramref name="time"/>;
    /// null if <paramref name="most"/> updates are not enough.
    /// </summary>
    public long? StepsUntil(double time, long most)
    {
        foreach (var (step, reached, rate) in InTime(most))
        {
            if (reached >= time - Rounding * rate)
                return step;
        }
        return null;
    }

    /// <summary>
    /// Returns the steps, up to <paramref name="last"/>, that are the first at or after a multiple of
    /// <paramref name="spacing"/> of training time and at least <paramref name="apart"/> steps apart; 0 is the first.
    /// </summary>
    public IReadOnlyList<long> EveryTime(double spacing, long apart, long last)
    {
        var starts = new List<long>();
        var due = 0.0;
        foreach (var (step, time, rate) in InTime(last + 1))
        {
            if (time >= due - Rounding * rate && (starts.Count == 0 || step - starts[^1] >= apart))
            {
                starts.Add(step);
                due = (Math.Floor((time + Rounding * rate) / spacing) + 1) * spacing;
            }
        }
        return starts;
    }

    /// <summary>
    /// The first steps, each with eta and its training time, the sum of the learning rates before it.
    /// </summary>
    private IEnumerable<(long Step, double Time, double Rate)> InTime(long count)
    {
        var clock = new TrainingClock();
        for (var step = 0L; step < count; step++)
        {
            var rate = At(step);
            yield return (step, clock.Next(step, rate), rate);
        }
    }

    private double Plateau(long step)
    {
        var rate = Initial;
        foreach (var change in Changes)
        {
            if (change.Step > step)
                break;
            rate = change.LearningRate;
        }
        return Decay == LearningRateDecay.Step ? rate * Math.Pow(DecayTo, step / DecayEvery) : rate;
    }

    private double Rise(long step) => step < Warmup ? (step + 1.0) / Warmup : 1;

    private double Cosine(long step) =>
        DecayTo + (1 - DecayTo) * (1 + Math.Cos(Math.PI * Math.Min(step, Steps) / Steps)) / 2;
}

/// <summary>From <paramref name="Step"/> on, eta is <paramref name="LearningRate"/>.</summary>
internal sealed record LearningRateChange(long Step, double LearningRate);
