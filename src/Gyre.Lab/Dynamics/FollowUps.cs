namespace Gyre.Lab.Dynamics;

/// <summary>Why a step is measured beyond the regular bursts; the first has priority.</summary>
internal enum FollowReason
{
    /// <summary>The loss rises.</summary>
    Loss,

    /// <summary>The update before grew.</summary>
    Update,

    /// <summary>Sharpness was last near or above the threshold.</summary>
    Edge,
}

/// <summary>When measurements follow the training.</summary>
/// <param name="Rise">The loss above its recent minimum by this fraction starts a burst.</param>
/// <param name="Edge">So does sharpness at or above this share of the threshold, half way between two regular
/// bursts.</param>
/// <param name="Growth">So does an update of this many times the norm of the one before.</param>
/// <param name="Budget">Products of follow-ups over those of regular measurements, at most.</param>
/// <param name="Burst">Steps of a burst.</param>
internal sealed record FollowOptions(double Rise, double Edge, double Growth, double Budget, int Burst);

/// <summary>A follow-up's place.</summary>
/// <param name="Reason">What started its burst.</param>
/// <param name="Position">In its burst, from 0.</param>
internal sealed record FollowPlace(FollowReason Reason, int Position);

/// <summary>What <see cref="FollowUps"/> is told of a measurement.</summary>
/// <param name="Sharpness">S.</param>
/// <param name="Threshold">The edge there.</param>
/// <param name="Products">Hessian-vector products it took.</param>
/// <param name="Follow">Why it was made; null of a regular one.</param>
internal sealed record FollowedMeasurement(double Sharpness, double Threshold, int Products, FollowReason? Follow);

/// <summary>
/// Decides, from recorded numbers alone, at which steps to measure beyond the regular bursts (docs/theory.md). At step
/// t it uses the
/// loss of t, and losses, updates and measurements of the steps before. The same records always give the same
/// decisions, so a resumed
/// run measures the steps that an uninterrupted one does.
/// <para>
/// A burst begins or is prolonged at every step at which the loss is at a new high of a rise, after an update that
/// grew, and half way
/// between two regular bursts while sharpness was last near the threshold. Products bound it: the products spent plus
/// those of the
/// dearest measurement so far must fit the budget. The last two reasons may use half of it; the rest is kept for rises
/// of the loss.
/// </para>
/// </summary>
/// <param name="options">The rules' numbers.</param>
/// <param name="isBetween">Whether a step is half way between two regular bursts.</param>
internal sealed class FollowUps(FollowOptions options, Func<long, bool> isBetween)
{
    /// <summary>
    /// Share of the budget that is kept for rises of the loss. Chosen: one burst between two regular ones costs as much
    /// as they do,
    /// which is half of the default budget.
    /// </summary>
    private const double KeptForLoss = 0.5;

    private readonly LossRises _rises = new(options.Rise);
    private (double? Before, double? Latest) _updates;
    private (long Until, FollowReason Reason) _burst = (-1, FollowReason.Edge);
    private (long Step, int Position) _followed = (-2, -1);
    private (long Regular, long Extra, long Kept, int Dearest) _products;
    private double _ratio = double.NaN;

    /// <summary>
    /// Where the step is to be measured as a follow-up, as far as the steps before tell; null where it is not. Changes
    /// nothing.
    /// </summary>
    public FollowPlace? Due(long step) => Due(step, double.NaN);

    /// <summary>The same once the loss of the step is known: whatever was due before is still due.</summary>
    public FollowPlace? Due(long step, double loss)
    {
        if (ReasonAt(step, loss) is not { } reason || !Fits(reason))
            return null;
        return new FollowPlace(reason, _followed.Step == step - 1 ? _followed.Position + 1 : 0);
    }

    /// <summary>Takes a step that is done.</summary>
    /// <param name="step">Rising by 1 from call to call; where steps are left out, what needs them is not seen.</param>
    /// <param name="loss">L(theta(step)).</param>
    /// <param name="updateNorm">Norm of the update that starts here; null where it is not known.</param>
    /// <param name="measured">What was measured there, if anything was.</param>
    public void Next(long step, double loss, double? updateNorm, FollowedMeasurement? measured)
    {
        var due = Due(step, loss);
        if (TriggerAt(step, loss) is { } trigger)
            _burst = (
                step + options.Burst - 1,
                step <= _burst.Until && _burst.Reason < trigger ? _burst.Reason : trigger
            );
        _rises.Next(step, loss);
        _updates = (_updates.Latest, updateNorm);
        if (measured is null)
            return;
        _ratio = measured.Sharpness / measured.Threshold;
        _products = Spent(measured);
        if (measured.Follow is not null)
            _followed = (step, due?.Position ?? 0);
    }

    /// <summary>The reason for measuring here: one that starts a burst, or that of the burst under way.</summary>
    private FollowReason? ReasonAt(long step, double loss)
    {
        FollowReason? going = step <= _burst.Until ? _burst.Reason : null;
        return TriggerAt(step, loss) is { } trigger && !(going < trigger) ? trigger : going;
    }

    private FollowReason? TriggerAt(long step, double loss)
    {
        if (_rises.IsNewHigh(loss))
            return FollowReason.Loss;
        if (_updates is { Before: > 0 and var before, Latest: { } latest } && latest >= options.Growth * before)
            return FollowReason.Update;
        return isBetween(step) && _ratio >= options.Edge ? FollowReason.Edge : null;
    }

    private bool Fits(FollowReason reason)
    {
        var allowed = options.Budget * _products.Regular;
        return _products.Regular > 0
            && _products.Extra + _products.Dearest <= allowed
            && (
                reason == FollowReason.Loss
                || _products.Extra - _products.Kept + _products.Dearest <= (1 - KeptForLoss) * allowed
            );
    }

    private (long, long, long, int) Spent(FollowedMeasurement measured) =>
        (
            _products.Regular + (measured.Follow is null ? measured.Products : 0),
            _products.Extra + (measured.Follow is null ? 0 : measured.Products),
            _products.Kept + (measured.Follow == FollowReason.Loss ? measured.Products : 0),
            Math.Max(_products.Dearest, measured.Products)
        );
}
