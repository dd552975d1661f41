namespace Gyre.Lab.Dynamics;

/// <summary>A rise of the loss.</summary>
/// <param name="Start">Step of the recent minimum from which the loss rose.</param>
/// <param name="StartLoss">Loss at the start.</param>
/// <param name="Peak">Step of the largest loss.</param>
/// <param name="PeakLoss">Loss at the peak.</param>
/// <param name="End">First step at which the loss is back at the minimum or has fallen more than halfway back to it;
/// null while the rise is open.</param>
internal sealed record LossRise(long Start, double StartLoss, long Peak, double PeakLoss, long? End);

/// <summary>
/// Finds the rises of the loss, step by step. A rise begins when the loss exceeds the smallest loss since the
/// previous rise ended by a given fraction. Feeding the same losses again gives the same state. A loss that is not
/// finite is skipped.
/// </summary>
/// <param name="rise">The fraction by which the loss must exceed its minimum.</param>
internal sealed class LossRises(double rise)
{
    /// <summary>
    /// The fraction for the rises that are counted and must lie in a measured instability: a loss of 1.3 times its
    /// recent minimum.
    /// </summary>
    public const double Counted = 0.3;

    /// <summary>
    /// Losses below this share of the first loss are rounding noise, so a rise among them does not count.
    /// </summary>
    private const double Rounding = 1e-12;

    private readonly List<LossRise> _found = [];
    private double _floor = double.NaN;
    private (long Step, double Loss) _least;

    /// <summary>All rises so far, in order; the last may be open.</summary>
    public IReadOnlyList<LossRise> Found => _found;

    /// <summary>The open rise, or null.</summary>
    public LossRise? Open => _found.Count > 0 && _found[^1].End is null ? _found[^1] : null;

    /// <summary>Whether this loss would open a rise, or exceeds the peak of the open one. Changes nothing.</summary>
    public bool IsNewHigh(double loss) =>
        double.IsFinite(loss)
        && (
            Open is { } open
                ? loss > open.PeakLoss
                : loss > _least.Loss && loss >= (1 + rise) * Math.Max(_least.Loss, _floor)
        ); // false before the first loss, since comparisons with NaN are false

    /// <summary>Takes the loss of the next step.</summary>
    public void Next(long step, double loss)
    {
        if (!double.IsFinite(loss))
            return;
        if (double.IsNaN(_floor))
            (_floor, _least) = (Rounding * Math.Abs(loss), (step, loss));
        var high = IsNewHigh(loss);
        if (Open is { } open)
            Continue(open, step, loss, high);
        else if (high)
            _found.Add(new LossRise(_least.Step, _least.Loss, step, loss, null));
        else if (loss < _least.Loss)
            _least = (step, loss);
    }

    /// <summary>Returns the rises of a whole run.</summary>
    public static IReadOnlyList<LossRise> Find(IEnumerable<(long Step, double Loss)> losses, double rise = Counted)
    {
        ArgumentNullException.ThrowIfNull(losses);
        var rises = new LossRises(rise);
        foreach (var (step, loss) in losses)
            rises.Next(step, loss);
        return rises.Found;
    }

    private void Continue(LossRise open, long step, double loss, bool high)
    {
        var now = high ? open with { Peak = step, PeakLoss = loss } : open;
        var over = loss <= now.StartLoss || loss < (now.StartLoss + now.PeakLoss) / 2;
        _found[^1] = over ? now with { End = step } : now;
        if (over)
            _least = (step, loss);
    }
}
