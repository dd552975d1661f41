namespace Gyre.Lab.Dynamics;

/// <summary>The reason for measuring a step beyond the regular bursts. Earlier members take priority.</summary>
internal enum FollowReason
{
    /// <summary>The loss is rising.</summary>
    Loss,

    /// <summary>The preceding update grew.</summary>
    Update,

    /// <summary>The last measured sharpness was near or above the threshold.</summary>
    Edge,
}

/// <summary>The rules that start follow-up measurements.</summary>
/// <param name="Rise">A loss above its recent minimum by this fraction starts a burst.</param>
/// <param name="Edge">Sharpness at or above this share of the threshold starts a burst halfway between two regular
/// bursts.</param>
/// <param name="Growth">An update with at least this many times the norm of the preceding one starts a burst.</param>
/// <param name="Budget">The maximum ratio of products in follow-ups to products in regular measurements.</param>
/// <param name="Burst">The number of steps in a burst.</param>
internal sealed record FollowOptions(double Rise, double Edge, double Growth, double Budget, int Burst);

/// <summary>The place of a follow-up measurement in its burst.</summary>
/// <param name="Reason">The reason that started the burst.</param>
/// <param name="Position">Position in the burst, from 0.</param>
internal sealed record FollowPlace(FollowReason Reason, int Position);

/// <summary>The data of a measurement that <see cref="FollowUps"/> needs.</summary>
/// <param name="Threshold">The stability threshold at that step.</param>
/// <param name="Products">The number of Hessian-vector products spent.</param>
/// <param name="Follow">The reason for a follow-up; null for a regular measurement.</param>
internal sealed record FollowedMeasurement(double Sharpness, double Threshold, int Products, FollowReason? Follow);

/// <summary>
/// Decides, from recorded numbers alone, at which steps to measure beyond the regular bursts (docs/theory.md). The
/// decision at step t uses the loss at t, and the losses, updates and measurements of earlier steps. The same records
/// always give the same decisions, so a resumed run measures the same steps as an uninterrupted one.
/// <para>
/// A burst starts or is extended at every step at which the loss reaches a new high of a rise, after an update that
/// grew, and halfway between two regular bursts if the last measured sharpness was near the threshold. A budget of
/// products limits the follow-ups: the products spent so far plus those of the most expensive measurement so far must
/// fit it. The last two reasons may use half of the budget; the rest is reserved for rises of the loss.
/// </para>
/// </summary>
/// <param name="options">The parameters of the rules.</param>
/// <param name="isBetween">Whether a step is halfway between two regular bursts.</param>
internal sealed class FollowUps(FollowOptions options, Func<long, bool> isBetween)
{
    /// <summary>
    /// Share of the budget reserved for rises of the loss. Chosen: one burst between every two regular ones costs as
    /// much as the regular ones, which is half of the default budget.
    /// </summary>
    private const double KeptForLoss = 0.5;

    private readonly LossRises _rises = new(options.Rise);
    private (double? Before, double? Latest) _updates;
    private (long Until, FollowReason Reason) _burst = (-1, FollowReason.Edge);
    private (long Step, int Position) _followed = (-2, -1);
    private (long Regular, long Extra, long Kept, int Dearest) _products;
    private double _ratio = double.NaN;

    /// <summary>
    /// Returns the place of a follow-up at the step, as far as earlier steps determine it; null if the step is not to
    /// be measured. Changes nothing.
    /// </summary>
    public FollowPlace? Due(long step) => Due(step, double.NaN);

    /// <summary>
    /// Returns the place of a follow-up once the loss of the step is known. A follow-up that was due before is still
    /// due.
    /// </summary>
    public FollowPlace? Due(long step, double loss)
    {
        if (ReasonAt(step, loss) is not { } reason || !Fits(reason))
            return null;
        return new FollowPlace(reason, _followed.Step == step - 1 ? _followed.Position + 1 : 0);
    }

    /// <summary>Takes a completed step.</summary>
    /// <param name="step">The step, which increases by 1 from call to call. If steps are left out, events that depend
    /// on them are missed.</param>
    /// <param name="loss">L(theta(step)).</param>
    /// <param name="updateNorm">Norm of the update that starts at the step; null if it is unknown.</param>
    /// <param name="measured">The measurement at the step; null if there is none.</param>
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

    /// <summary>
    /// Returns the reason for measuring here: that of a new trigger or that of the current burst, whichever has
    /// priority.
    /// </summary>
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
