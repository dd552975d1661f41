using Gyre.Lab.Quantities;
using Gyre.Lab.Theory;
using ScottPlot;

namespace Gyre.Lab.Figures;

/// <summary>
/// The outcomes of starts over initial imbalance and learning rate, and how much flatter than gradient flow they end.
/// </summary>
internal static class OutcomeFigure
{
    private const int Size = 300;
    private const int Curve = 200;

    /// <summary>
    /// The classes by the number of <see cref="ExactOutcome"/>, in colors of Okabe and Ito (2008). The letters
    /// distinguish them in grayscale print.
    /// </summary>
    private static readonly (string Name, string Letter, string Color)[] Classes =
    [
        ("stable", "S", OkabeIto.Yellow),
        ("catapult: unstable at first, then converged", "C", OkabeIto.Orange),
        ("period 2 (edge)", "P", OkabeIto.Sky),
        ("bounded, no period 2", "B", OkabeIto.Purple),
        ("diverged", "D", OkabeIto.LightGray),
    ];

    /// <summary>Returns the page; null if there is no map.</summary>
    public static FigurePage? Page(ExactStudy study, string source)
    {
        if (study.Map is not { } map)
            return null;
        var subtitle =
            $"one unit of depth {map.Depth}, factors x, y, …, y, started at output "
            + $"{FigurePanel.Number(map.Output)}; {map.LearningRates.Count} × {map.Imbalances.Count} starts";
        return new FigurePage(
            "Outcome by initial imbalance and learning rate",
            subtitle,
            source,
            [Outcomes(map), Flattening(map)]
        )
        {
            Columns = 2,
            ColorBar = "sharpness of the minimum reached relative to gradient flow's; blank: no minimum is reached",
        };
    }

    private static FigurePanel Outcomes(OutcomeMap map)
    {
        var panel = Empty(map, "outcome");
        var numbers = new int[map.LearningRates.Count, map.Imbalances.Count];
        foreach (var (row, column) in Cells(map))
            numbers[row, column] = (int)map.Outcomes[row, column];
        panel.Classes(numbers, Classes, Ends(map));
        Threshold(panel, map);
        panel.Finish();
        return panel;
    }

    private static FigurePanel Flattening(OutcomeMap map)
    {
        var panel = Empty(map, "relative final sharpness");
        var flow = map.Imbalances.Select(imbalance => map.MinimumSharpness(imbalance)).ToArray();
        var shares = new double[map.LearningRates.Count, map.Imbalances.Count];
        foreach (var (row, column) in Cells(map))
            shares[row, column] = map.Outcomes[row, column] is ExactOutcome.Stable or ExactOutcome.Catapult
                ? Math.Min(1, map.FinalSharpness[row, column] / flow[column])
                : double.NaN;
        panel.Map(shares, Ends(map));
        Threshold(panel, map);
        panel.Finish();
        return panel;
    }

    private static FigurePanel Empty(OutcomeMap map, string heading)
    {
        var ends = Ends(map);
        return new FigurePanel(
            new FigureAxis("initial imbalance x² − y²", FigureScale.Linear, ends.Left, ends.Right),
            "eta",
            Size,
            FigureScale.Linear,
            (ends.Bottom, ends.Top)
        )
        {
            Heading = heading,
            IsSquare = true,
        };
    }

    private static void Threshold(FigurePanel panel, OutcomeMap map)
    {
        var ends = Ends(map);
        var rates =
            from i in Enumerable.Range(0, Curve + 1)
            let imbalance = i * ends.Right / Curve
            let rate = 2 / map.MinimumSharpness(imbalance)
            select (imbalance, rate <= ends.Top ? rate : double.NaN);
        panel.Curve("2/S at gradient flow's minimum", rates, OkabeIto.Black, 2);
    }

    private static IEnumerable<(int Row, int Column)> Cells(OutcomeMap map) =>
        from row in Enumerable.Range(0, map.LearningRates.Count)
        from column in Enumerable.Range(0, map.Imbalances.Count)
        select (row, column);

    /// <summary>Returns the edges of the map. Starts lie in the middle of their cells.</summary>
    private static CoordinateRect Ends(OutcomeMap map)
    {
        static double End(IReadOnlyList<double> middles) =>
            middles[^1] + (middles[^1] - middles[0]) / (middles.Count - 1) / 2;
        return new CoordinateRect(0, End(map.Imbalances), 0, End(map.LearningRates));
    }
}
