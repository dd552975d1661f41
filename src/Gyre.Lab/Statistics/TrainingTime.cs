namespace Gyre.Lab.Statistics;

/// <summary>Training time, step by step: the sum of the step sizes before. Between steps that were recorded, the step
/// size is that of the earlier one.</summary>
internal sealed class TrainingClock
{
    private (long Step, double Time, double Rate) _at;

    /// <summary>A clock that begins at time 0 with its first step.</summary>
    public TrainingClock() { }

    /// <summary>A clock that continues after a step.</summary>
    /// <param name="step">The step.</param>
    /// <param name="time">Its training time.</param>
    /// <param name="rate">eta of the update that starts there.</param>
    public TrainingClock(long step, double time, double rate) => _at = (step, time, rate);

    /// <summary>The time at a step.</summary>
    /// <param name="step">Rising from call to call.</param>
    /// <param name="rate">eta of the update that starts there.</param>
    public double Next(long step, double rate)
    {
        var passed = step - _at.Step == 1 ? _at.Rate : _at.Rate * (step - _at.Step);
        _at = (step, _at.Time + passed, rate);
        return _at.Time;
    }
}

/// <summary>
/// Means over training time of what was measured at some of the steps: each measurement counts by the time it stands
/// for, so that a mean does not depend on where measurements lie closer. Pure.
/// </summary>
internal static class TrainingTime
{
    /// <summary>Training time of each step.</summary>
    /// <param name="steps">Step and eta, steps rising.</param>
    public static Dictionary<long, double> Accumulate(IEnumerable<(long Step, double Rate)> steps)
    {
        ArgumentNullException.ThrowIfNull(steps);
        var (times, clock) = (new Dictionary<long, double>(), new TrainingClock());
        foreach (var (step, rate) in steps)
            times[step] = clock.Next(step, rate);
        return times;
    }

    /// <summary>
    /// How much training time each measurement stands for. Measurements at consecutive steps form a stretch. Inside a
    /// stretch the time between two steps goes to both in equal halves (the trapezoid rule); of the time between two
    /// stretches,
    /// half goes to the end of each: to its three outermost measurements as ¼, ½, ¼, to two as ½, ½, to one alone.
    /// Both rules give an oscillation of period 2 the weight 0.
    /// </summary>
    /// <param name="measured">Step and its training time, steps rising.</param>
    /// <returns>Not below 0, in the order given; all equal where no time passed.</returns>
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

    /// <summary>Mean over training time of what has a number; NaN of nothing.</summary>
    /// <param name="measured">Step, its training time and the value, steps rising. A value that is not finite is left
    /// out, as if its step had not been measured.</param>
    public static double Mean(IEnumerable<(long Step, double Time, double Value)> measured)
    {
        var finite = measured.Where(one => double.IsFinite(one.Value)).ToArray();
        if (finite.Length == 0)
            return double.NaN;
        var weights = Weights([.. finite.Select(one => (one.Step, one.Time))]);
        return weights.Zip(finite, (weight, one) => weight * one.Value).Sum() / weights.Sum();
    }

    /// <summary>Gives time to the end of a stretch.</summary>
    /// <param name="weights">Of all measurements.</param>
    /// <param name="end">The outermost measurement.</param>
    /// <param name="inwards">1 or −1.</param>
    /// <param name="length">Of the stretch.</param>
    /// <param name="time">To be given.</param>
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
