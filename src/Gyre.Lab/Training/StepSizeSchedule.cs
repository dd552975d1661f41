namespace Gyre.Lab.Training;

/// <summary>Piecewise constant step size: <paramref name="Initial"/> from step 0, then each change from its step on.</summary>
/// <param name="Initial">eta at step 0.</param>
/// <param name="Changes">Steps strictly increasing, each at least 1.</param>
public sealed record StepSizeSchedule(double Initial, IReadOnlyList<StepSizeChange> Changes)
{
    /// <summary>eta of the update from <paramref name="step"/> to step + 1.</summary>
    public double At(long step)
    {
        var rate = Initial;
        foreach (var change in Changes)
        {
            if (change.Step > step)
                break;
            rate = change.LearningRate;
        }
        return rate;
    }
}

/// <summary>From <paramref name="Step"/> on, eta is <paramref name="LearningRate"/>.</summary>
public sealed record StepSizeChange(long Step, double LearningRate);
