using Gyre.Lab.RunFiles;

namespace Gyre.Lab.Claims;

/// <summary>Where the training loss first comes down to a value: runs are compared there at equal progress of the
/// training.</summary>
/// <param name="Loss">The value.</param>
/// <param name="Time">Training time of the passage, between two steps by the logarithm of the loss.</param>
/// <param name="Sharpness">S there, between two bursts linearly in training time; NaN where none follows.</param>
/// <param name="TestAccuracy">Test accuracy there, 0 to 1, between two evaluations likewise.</param>
internal sealed record LossPassage(double Loss, double Time, double Sharpness, double TestAccuracy)
{
    /// <summary>The losses that every cell is looked at: about halves, from where a classifier has begun to learn to
    /// where it has nearly fitted its samples.</summary>
    public static IReadOnlyList<double> Losses { get; } = [0.5, 0.2, 0.1, 0.05, 0.02];

    /// <summary>The passages of a run after a moment; a loss that is not reached has none.</summary>
    /// <param name="steps">Of the run.</param>
    /// <param name="times">Training time of each step.</param>
    /// <param name="after">The step after which the loss must come down: where it is below already, it passes at the
    /// first step after.</param>
    /// <param name="sharpness">S of the Hessian at the bursts' first steps from there on, by training time.</param>
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

    /// <summary>Between the two points beside it, linearly; NaN outside of all.</summary>
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
