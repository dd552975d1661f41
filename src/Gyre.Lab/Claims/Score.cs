using System.Globalization;
using Gyre.Lab.Statistics;

namespace Gyre.Lab.Claims;

/// <summary>What runs are compared by: the first of test accuracy, test loss and training loss that every finished cell has.</summary>
/// <param name="Name">For people.</param>
/// <param name="Of">Larger is better: the accuracy, or −log10 of the loss.</param>
/// <param name="IsLoss">Whether <paramref name="Of"/> is of a loss.</param>
/// <param name="HeldOut">Whether it is of samples that were not trained on.</param>
public sealed record Score(string Name, Func<CellMeasures, double> Of, bool IsLoss, bool HeldOut)
{
    private static readonly Score[] InOrder =
    [
        new("test accuracy", cell => cell.TestAccuracy, false, true),
        new("test loss", cell => -Math.Log10(cell.TestLoss), true, true),
        new("training loss", cell => -Math.Log10(cell.TrainLoss), true, false),
    ];

    /// <summary>Chosen for the cells that did not diverge.</summary>
    public static Score For(IEnumerable<CellMeasures> cells)
    {
        CellMeasures[] sound = [.. cells.Where(cell => !cell.Diverged)];
        return InOrder.FirstOrDefault(score => sound.Length > 0 && sound.All(cell => double.IsFinite(score.Of(cell)))) ?? InOrder[^1];
    }

    /// <summary>A mean of it in the words of its own unit: percent, or the loss (a geometric mean).</summary>
    public string Text(double mean) => IsLoss ? $"{Name} {Math.Pow(10, -mean).ToString("G3", CultureInfo.InvariantCulture)}" : string.Create(CultureInfo.InvariantCulture, $"{Name} {100 * mean:0.0} %");

    /// <summary>A difference with its interval: points, or the factor that the loss is lower by.</summary>
    public string Text(Interval difference)
    {
        ArgumentNullException.ThrowIfNull(difference);
        string One(double value) => !double.IsFinite(value) ? "—" : IsLoss ? Math.Pow(10, value).ToString("G3", CultureInfo.InvariantCulture) : (100 * value).ToString("+0.00;-0.00;0.00", CultureInfo.InvariantCulture);
        return $"{(IsLoss ? "lower by a factor of " : "")}{One(difference.Value)}{(IsLoss ? "" : " points")} [{One(difference.Low)}, {One(difference.High)}]";
    }
}
