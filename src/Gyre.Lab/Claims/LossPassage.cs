using Gyre.Lab.RunFiles;

namespace Gyre.Lab.Claims;

/// <summary>
/// The point at which the training loss first falls to a value. Runs are compared there at equal training progress.
/// </summary>
/// <param name="Loss">The loss that is passed.</param>
/// <param name="Time">Training time of the passage, interpolated between two steps in the logarithm of the
/// loss.</param>
/// <param name="Sharpness">S at the passage, interpolated linearly in training time between two bursts; NaN if the
/// passage is not between two bursts.</param>
/// <param name="TestAccuracy">Test accuracy at the passage, 0 to 1, interpolated likewise between two
/// evaluations.</param>
internal sealed record LossPassage(double Loss, double Time, double Sharpness, double TestAccuracy)
{
    /// <summary>
    /// The losses compared in every cell. Each is about half the one before, from where a classifier has begun to
    /// learn to where it has nearly fitted its samples.
    /// </summary>
    public static IReadOnlyList<double> Losses { get; } = [0.5, 0.2, 0.1, 0.05, 0.02];

    /// <summary>Finds the passages of a run after a step. A loss that is not reached has none.</summary>
    /// <param name="steps">The steps of the run.</param>
    /// <param name="times">Training time of each step.</param>
    /// <param name="after">The step after which the loss must fall. A loss that is already below the value passes it
    /// at the first step after.</param>
    /// <param name="sharpness">S of the Hessian at the first steps of bursts from that step on, by training
    /// time.</param>
    public static IReadOnlyList<LossPassage> Find(
        IReadOnlyList<StepRecord> steps,
        IReadOnlyDictionary<long, double> times,
        long after,
        IReadOnlyList<(double Time, double Value)> sharpness
    )
    {
        ArgumentNullException.ThrowIfNull(steps);
        ArgumentNullException.ThrowIfNull(times);
        var evaluated = steps.Where(step => step.TestAccuracy is not null);
        (double, double)[] accuracy = [.. evaluated.Select(step => (times[step.Step], step.TestAccuracy!.Value))];
        return
        [
            .. from loss in Losses
            let time = Passed(steps, times, after, loss)
            where time is not null
            select new LossPassage(loss, time.Value, At(sharpness, time.Value), At(accuracy, time.Value)),
        ];
    }

    /// <summary>Interpolates linearly between the two neighboring points; NaN outside the series.</summary>
    internal static double At(IReadOnlyList<(double Time, double Value)> series, double time)
    {
        for (var i = 1; i < series.Count; i++)
        {
            var ((before, first), (after, second)) = (series[i - 1], series[i]);
            if (time >= before && time <= after)
                return after > before ? first + (second - first) * (time - before) / (after - before) : second;
        }
        return double.NaN;
    }

    private static double? Passed(
        IReadOnlyList<StepRecord> steps,
        IReadOnlyDictionary<long, double> times,
        long from,
        double loss
    )
    {
        for (var i = 1; i < steps.Count; i++)
        {
            if (steps[i].Step <= from || !(steps[i].Loss <= loss))
                continue;
            var (before, after) = (steps[i - 1], steps[i]);
            var whole = Math.Log(before.Loss / Math.Max(after.Loss, double.Epsilon));
            var share = before.Loss > loss ? Math.Log(before.Loss / loss) / whole : 1;
            return times[before.Step] + share * (times[after.Step] - times[before.Step]);
        }
        return null;
    }
}
