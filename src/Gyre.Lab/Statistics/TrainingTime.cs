namespace Gyre.Lab.Statistics;

/// <summary>
/// Training time, step by step: the sum of the learning rates of the preceding steps. Between recorded steps, the
/// learning rate is that of the earlier one.
/// </summary>
internal sealed class TrainingClock
{
    private (long Step, double Time, double Rate) _at;

    /// <summary>Creates a clock that begins at time 0 with its first step.</summary>
    public TrainingClock() { }

    /// <summary>Creates a clock that continues after a step.</summary>
    /// <param name="time">Training time of the step.</param>
    /// <param name="rate">eta of the update that starts at the step.</param>
    public TrainingClock(long step, double time, double rate) => _at = (step, time, rate);

    /// <summary>Returns the training time at a step.</summary>
    /// <param name="step">The step, which must increase from call to call.</param>
    /// <param name="rate">eta of the update that starts at the step.</param>
    public double Next(long step, double rate)
    {
        var passed = step - _at.Step == 1 ? _at.Rate : _at.Rate * (step - _at.Step);
        _at = (step, _at.Time + passed, rate);
        return _at.Time;
    }
}

/// <summary>
/// Means over training time of values measured at some of the steps. Each measurement is weighted by the training
/// time it represents, so that a mean does not depend on where measurements are denser. Pure.
/// </summary>
internal static class TrainingTime
{
    /// <summary>Returns the training time of each step.</summary>
    /// <param name="steps">Step and eta of each recorded step, in increasing order of steps.</param>
    public static Dictionary<long, double> Accumulate(IEnumerable<(long Step, double Rate)> steps)
    {
        ArgumentNullException.ThrowIfNull(steps);
        var (times, clock) = (new Dictionary<long, double>(), new TrainingClock());
        foreach (var (step, rate) in steps)
            times[step] = clock.Next(step, rate);
        return times;
    }

    /// <summary>
    /// Returns the training time that each measurement represents. Measurements at consecutive steps form a stretch.
    /// Within a stretch, the time between two steps is split equally between them (the trapezoid rule). The time
    /// between two stretches is split equally between their ends: ¼, ½, ¼ to the three outermost measurements, ½, ½
    /// if the stretch has two, and all of it if the stretch has one. Both rules give an oscillation of period 2 the
    /// weight 0.
    /// </summary>
    /// <param name="measured">Step and training time of each measurement, in increasing order of steps.</param>
    /// <returns>Nonnegative weights in the given order; all equal if no time passed.</returns>
    public static double[] Weights(IReadOnlyList<(long Step, double Time)> measured)
    {
        ArgumentNullException.ThrowIfNull(measured);
        var weights = new double[measured.Count];
        var first = 0;
        for (var i = 0; i + 1 < measured.Count; i++)
        {
            var time = Math.Max(0, measured[i + 1].Time - measured[i].Time);
            if (measured[i + 1].Step - measured[i].Step == 1)
            {
                (weights[i], weights[i + 1]) = (weights[i] + time / 2, weights[i + 1] + time / 2);
                continue;
            }
            Give(weights, i, -1, i - first + 1, time / 2);
            first = i + 1;
            Give(weights, first, 1, Length(measured, first), time / 2);
        }
        if (!(weights.Sum() is > 0 and < double.PositiveInfinity))
            Array.Fill(weights, 1);
        return weights;
    }

    /// <summary>Returns the mean of the finite values over training time; NaN if there is none.</summary>
    /// <param name="measured">Step, training time and value, in increasing order of steps. A value that is not finite
    /// is left out, as if its step had not been measured.</param>
    public static double Mean(IEnumerable<(long Step, double Time, double Value)> measured)
    {
        var finite = measured.Where(one => double.IsFinite(one.Value)).ToArray();
        if (finite.Length == 0)
            return double.NaN;
        var weights = Weights([.. finite.Select(one => (one.Step, one.Time))]);
        return weights.Zip(finite, (weight, one) => weight * one.Value).Sum() / weights.Sum();
    }

    /// <summary>Adds time to the weights at one end of a stretch.</summary>
    /// <param name="weights">The weights of all measurements.</param>
    /// <param name="end">Index of the outermost measurement.</param>
    /// <param name="inwards">Direction into the stretch, 1 or −1.</param>
    /// <param name="length">The number of measurements in the stretch.</param>
    /// <param name="time">The time to distribute.</param>
    private static void Give(double[] weights, int end, int inwards, int length, double time)
    {
        double[] shares = length switch
        {
            1 => [1],
            2 => [0.5, 0.5],
            _ => [0.25, 0.5, 0.25],
        };
        for (var i = 0; i < shares.Length; i++)
            weights[end + i * inwards] += shares[i] * time;
    }

    private static int Length(IReadOnlyList<(long Step, double Time)> measured, int first)
    {
        var last = first;
        while (last + 1 < measured.Count && measured[last + 1].Step - measured[last].Step == 1)
            last++;
        return last - first + 1;
    }
}
