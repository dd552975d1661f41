using System.Globalization;
using Gyre.Lab.Statistics;

namespace Gyre.Lab.Claims;

/// <summary>What runs are compared by: the first of test accuracy, test loss and training loss that every finished
/// cell has.</summary>
/// <param name="Name">For people.</param>
/// <param name="Get">Larger is better: the accuracy, or −log10 of the loss.</param>
/// <param name="Earlier">The same at four fifths of the run; NaN where it was not evaluated.</param>
/// <param name="IsLoss">Whether <paramref name="Get"/> is of a loss.</param>
/// <param name="HeldOut">Whether it is of samples that were not trained on.</param>
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

    /// <summary>A difference that few would care for: half a point of accuracy, or five percent of a loss.</summary>
    public double Close => IsLoss ? CloseDigits : ClosePoints;

    /// <summary>As a number of a cell that figures draw: percent, or the logarithm of the loss.</summary>
    public Measure Measure =>
        IsLoss
            ? new Measure($"log10 of the {Name}", cell => -Get(cell), Bounds.None)
            : new Measure($"{Name}, %", cell => 100 * Get(cell), Bounds.Share.Times(100));

    /// <summary>Chosen for the cells that did not diverge.</summary>
    public static Score For(IEnumerable<CellMeasures> cells)
    {
        CellMeasures[] sound = [.. cells.Where(cell => !cell.Diverged)];
        return InOrder.FirstOrDefault(score => sound.Length > 0 && sound.All(cell => double.IsFinite(score.Get(cell))))
            ?? InOrder[^1];
    }

    /// <summary>A mean of it in the words of its own unit: percent, or the loss (a geometric mean).</summary>
    public string Text(double mean) =>
        IsLoss
            ? $"{Name} {Math.Pow(10, -mean).ToString("G3", CultureInfo.InvariantCulture)}"
            : string.Create(CultureInfo.InvariantCulture, $"{Name} {100 * mean:0.0} %");

    /// <summary>A difference with its interval: points, or the factor that the loss is lower by.</summary>
    public string Text(Interval difference)
    {
        ArgumentNullException.ThrowIfNull(difference);
        string One(double value)
        {
            if (!double.IsFinite(value))
                return "—";
            return IsLoss
                ? Math.Pow(10, value).ToString("G3", CultureInfo.InvariantCulture)
                : (100 * value).ToString("+0.00;-0.00;0.00", CultureInfo.InvariantCulture);
        }
        return $"{(IsLoss ? "lower by a factor of " : "")}{One(difference.Value)}{(IsLoss ? "" : " points")} "
            + $"[{One(difference.Low)}, {One(difference.High)}]";
    }

    /// <summary>What a worse choice costs: points, or the factor that the loss is higher by.</summary>
    public string Cost(double regret) =>
        IsLoss
            ? string.Create(CultureInfo.InvariantCulture, $"a loss {100 * (Math.Pow(10, regret) - 1):0.#} % higher")
            : string.Create(CultureInfo.InvariantCulture, $"{100 * regret:0.00} points");
}
