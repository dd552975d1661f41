namespace Gyre.Lab.Specs;

/// <summary>
/// The places of steps that are given one by one, such as those of checkpoints: one that lies one or two steps after
/// the one before continues its burst, up to the length of a burst; any other begins one. It depends on the steps
/// before alone, so that a training that goes on changes nothing of what was measured.
/// </summary>
/// <param name="burst">Steps of a burst, at most.</param>
internal sealed class GivenBursts(int burst)
{
    private const int Near = 2; // the lags that flip and drift per bounce are of

    private (long Step, BurstPlace Place)? _last;

    /// <summary>Place of the next step.</summary>
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

    /// <summary>Takes a step that was given.</summary>
    public void Next(long step) => _last = (step, GetNext(step));
}
