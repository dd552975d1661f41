using Gyre.Lab.Statistics;

namespace Gyre.Lab.Optimizers;

/// <summary>A factor on eta over a whole run.</summary>
internal enum LearningRateDecay
{
    /// <summary>1 throughout.</summary>
    None,

    /// <summary>
    /// From 1 to <see cref="LearningRateSchedule.DecayTo"/> along half a cosine over <see cref="LearningRateSchedule.Steps"/>
    /// (Loshchilov and Hutter 2017, without restarts).
    /// </summary>
    Cosine,

    /// <summary>
    /// <see cref="LearningRateSchedule.DecayTo"/> to the number of whole <see cref="LearningRateSchedule.DecayEvery"/> so far.
    /// </summary>
    Step,
}

/// <summary>The step size at every step: piecewise constant, times a warmup, times a decay. Pure.</summary>
/// <param name="Initial">eta at step 0.</param>
/// <param name="Changes">Steps strictly increasing, each at least 1.</param>
internal sealed record LearningRateSchedule(double Initial, IReadOnlyList<LearningRateChange> Changes)
{
    /// <summary>
    /// Share of a step by which sums of step sizes may fall short of a training time: their rounding errors are far
    /// smaller.
    /// </summary>
    private const double Rounding = 1e-6;

    /// <summary>Steps over which eta rises linearly, from 1/Warmup of its value (Goyal et al. 2017, §2.2).</summary>
    public long Warmup { get; init; }

    /// <summary>The decay.</summary>
    public LearningRateDecay Decay { get; init; }

    /// <summary>Cosine: factor at the end. Step: factor of each decay.</summary>
    public double DecayTo { get; init; } = 1;

    /// <summary>Step: updates between decays.</summary>
    public long DecayEvery { get; init; } = 1;

    /// <summary>Cosine: updates of the run.</summary>
    public long Steps { get; init; } = 1;

    /// <summary>eta of the update from <paramref name="step"/> to step + 1.</summary>
    public double At(long step) => Plateau(step) * Rise(step) * (Decay == LearningRateDecay.Cosine ? Cosine(step) : 1);

    /// <summary>Whether eta changes at this step at once; a warmup or a smooth decay is no change.</summary>
    public bool ChangesAt(long step) => step > 0 && Plateau(step) != Plateau(step - 1);

    /// <summary>Whether this is the first step of the full eta after a warmup.</summary>
    public bool WarmupEndsAt(long step) => Warmup > 1 && step == Warmup - 1;

    /// <summary>
    /// Updates after which the sum of the step sizes has reached <paramref name="time"/>; null where
    /// <paramref name="most"/> are not enough.
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
    /// Steps, up to <paramref name="last"/>, that are the first at or after a multiple of <paramref name="spacing"/> of
    /// training time, at least <paramref name="apart"/> steps from one another; 0 is the first.
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

    /// <summary>The first steps with their training time, the sum of the step sizes before them, and eta.</summary>
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
