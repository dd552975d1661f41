namespace Gyre.Lab.Specs;

/// <summary>
/// Positions of steps that are given one by one, such as those of checkpoints. A step that is one or two after the
/// previous one continues its burst, up to the length of a burst; any other step begins one. The position depends only
/// on earlier steps, so a training that continues does not change earlier measurements.
/// </summary>
/// <param name="burst">The maximum number of steps per burst.</param>
internal sealed class GivenBursts(int burst)
{
    private const int Near = 2; // the larger of the lags of flip (1) and drift per bounce (2)

    private (long Step, BurstPlace Place)? _last;

    /// <summary>Returns the position of the next step.</summary>
    public BurstPlace GetNext(long step)
    {
        if (_last is not var (before, place))
            return new BurstPlace(0, 0);
        return step - before <= Near && place.Position + 1 < burst
            ? place with
            {
                Position = place.Position + 1,
            }
            : new BurstPlace(place.Number + 1, 0);
    }

    /// <summary>Adds a given step.</summary>
    public void Next(long step) => _last = (step, GetNext(step));
}
