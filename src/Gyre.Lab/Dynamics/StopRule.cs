using Gyre.Lab.Keys;
using Gyre.Lab.Statistics;

namespace Gyre.Lab.Dynamics;

/// <summary>
/// The section [training.until]: conditions that end a run before its last step. All conditions that are set must
/// hold at the same step.
/// </summary>
internal sealed record StopConditions
{
    /// <summary>The run ends if the training loss is at or below this; 0 disables the condition.</summary>
    [SpecKey(
        "the run ends one step after its training loss is at or below this, checked after the last "
            + "change of training.schedule; 0: no condition. training.steps is then the maximum, and all conditions of "
            + "training.until must hold at the same step",
        Least = 0,
        Most = 1e9
    )]
    public double Loss { get; init; }

    /// <summary>
    /// The run ends if the training accuracy, 0 to 1, is at or above this; 0 disables the condition.
    /// </summary>
    [SpecKey("likewise for a training accuracy, 0 to 1, at or above this; 0: no condition", Least = 0, Most = 1)]
    public double Accuracy { get; init; }

    /// <summary>
    /// The run ends if the latest measured sharpness is at or below this share of its peak since the last reduction
    /// of the learning rate; 0 disables the condition.
    /// </summary>
    [SpecKey(
        "likewise for a latest measured sharpness at or below this share of its peak since the "
            + "last change of training.schedule; 0: no condition",
        Least = 0,
        Most = 1
    )]
    public double SharpnessFallen { get; init; }

    /// <summary>No conditions: the run takes all its steps.</summary>
    public static StopConditions None { get; } = new();

    /// <summary>Whether any condition is set.</summary>
    public bool Any => Loss > 0 || Accuracy > 0 || SharpnessFallen > 0;
}

/// <summary>
/// Determines at which step a run's conditions hold. It takes the steps one by one and uses recorded numbers only, so
/// a resumed run decides the same.
/// </summary>
/// <param name="conditions">The conditions to check.</param>
/// <param name="from">Step of the last reduction of the learning rate. The run cannot end at or before it, and
/// measurements there belong to the earlier rate.</param>
internal sealed class StopRule(StopConditions conditions, long from)
{
    private double _peak = double.NaN;
    private double _latest = double.NaN;

    /// <summary>Takes the next step.</summary>
    /// <param name="accuracy">Training accuracy, 0 to 1; NaN if there is none.</param>
    /// <param name="sharpness">Measured S; null if the step was not measured.</param>
    /// <returns>A sentence that states which conditions hold, or null unless all of them do.</returns>
    public string? Next(long step, double loss, double accuracy, double? sharpness)
    {
        if (step <= from || !conditions.Any)
            return null;
        if (sharpness is { } measured && double.IsFinite(measured))
            (_latest, _peak) = (measured, _peak > measured ? _peak : measured);
        var met = Met(loss, accuracy).ToArray();
        return Array.TrueForAll(met, one => one is not null) ? string.Join(", and ", met) : null;
    }

    /// <summary>Yields a sentence for each condition that is set, or null if the condition does not hold.</summary>
    private IEnumerable<string?> Met(double loss, double accuracy)
    {
        if (conditions.Loss > 0)
            yield return loss <= conditions.Loss
                ? Invariant($"the loss {NumberText.Format(loss)} is at or below {conditions.Loss}")
                : null;
        if (conditions.Accuracy > 0)
        {
            yield return accuracy >= conditions.Accuracy
                ? Invariant($"the training accuracy {NumberText.Format(accuracy)} is at or above {conditions.Accuracy}")
                : null;
        }
        if (conditions.SharpnessFallen > 0)
            yield return _latest <= conditions.SharpnessFallen * _peak ? Fallen() : null;
    }

    private string Fallen() =>
        Invariant(
            $"sharpness {NumberText.Format(_latest)} is at or below {conditions.SharpnessFallen} of its peak {NumberText.Format(_peak)}"
        );

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
