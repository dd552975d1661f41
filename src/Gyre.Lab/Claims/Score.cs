using Gyre.Lab.Statistics;

namespace Gyre.Lab.Claims;

/// <summary>
/// The score by which runs are compared: the first of test accuracy, test loss and training loss that every finished
/// cell without divergence has.
/// </summary>
/// <param name="Name">Display name.</param>
/// <param name="Get">Returns the score, larger is better: the accuracy, or −log10 of the loss.</param>
/// <param name="Earlier">Returns the score at four fifths of the run; NaN if it was not evaluated.</param>
/// <param name="IsLoss">Whether the score is derived from a loss.</param>
/// <param name="HeldOut">Whether the score is computed on samples that were not trained on.</param>
internal sealed record Score(
    string Name,
    Func<CellMeasures, double> Get,
    Func<CellMeasures, double> Earlier,
    bool IsLoss,
    bool HeldOut
)
{
    private const double ClosePoints = 0.005;
    private const double CloseDigits = 0.02;

    private static readonly Score[] InOrder =
    [
        new("test accuracy", cell => cell.TestAccuracy, cell => cell.AtFourFifths.TestAccuracy, false, true),
        new(
            "test loss",
            cell => -Math.Log10(cell.TestLoss),
            cell => -Math.Log10(cell.AtFourFifths.TestLoss),
            true,
            true
        ),
        new(
            "training loss",
            cell => -Math.Log10(cell.TrainLoss),
            cell => -Math.Log10(cell.AtFourFifths.TrainLoss),
            true,
            false
        ),
    ];

    /// <summary>
    /// The largest difference considered negligible: half a point of accuracy, or five percent of a loss.
    /// </summary>
    public double Close => IsLoss ? CloseDigits : ClosePoints;

    /// <summary>The score as a measure for figures: percent, or the logarithm of the loss.</summary>
    public Measure Measure =>
        IsLoss
            ? new Measure($"log10 of the {Name}", cell => -Get(cell), Bounds.None)
            : new Measure($"{Name}, %", cell => 100 * Get(cell), Bounds.Share.Times(100));

    /// <summary>Chooses the score for the cells that did not diverge.</summary>
    public static Score For(IEnumerable<CellMeasures> cells)
    {
        CellMeasures[] sound = [.. cells.Where(cell => !cell.Diverged)];
        return InOrder.FirstOrDefault(score => sound.Length > 0 && sound.All(cell => double.IsFinite(score.Get(cell))))
            ?? InOrder[^1];
    }

    /// <summary>Formats a mean score in its own unit: percent, or the loss (a geometric mean).</summary>
    public string Text(double mean) =>
        IsLoss ? $"{Name} {NumberText.Format(Math.Pow(10, -mean), 3)}" : $"{Name} {Percent.Format(mean, 2)}";

    /// <summary>Formats a difference with its interval: points, or the factor by which the loss is lower.</summary>
    public string Text(Interval difference)
    {
        ArgumentNullException.ThrowIfNull(difference);
        var scaled = difference.Map(value => IsLoss ? Math.Pow(10, value) : 100 * value);
        return IsLoss ? $"lower by a factor of {NumberText.Format(scaled, 3)}" : NumberText.Points(scaled);
    }

    /// <summary>Formats the cost of a worse choice: points, or the percentage by which the loss is higher.</summary>
    public string Cost(double regret) =>
        IsLoss
            ? $"a loss {Percent.Format(Math.Pow(10, regret) - 1)} higher"
            : $"{NumberText.Fixed(100 * regret, 2)} points";
}
