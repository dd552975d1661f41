using Gyre.Torch;
using ScottPlot;

namespace Gyre.Lab.Figures;

/// <summary>The labeled places of an axis.</summary>
internal static class FigureTicks
{
    /// <summary>
    /// Returns the given labels or those of the scale. If there are neither, ScottPlot chooses the numbers.
    /// </summary>
    public static ITickGenerator Between(
        FigureScale scale,
        IReadOnlyList<AxisLabel>? given,
        double low,
        double high,
        bool whole
    )
    {
        if ((given ?? Labels(scale.Ticks(scale.Back(low), scale.Back(high)))) is not { } labels)
        {
            return whole
                ? new ScottPlot.TickGenerators.NumericAutomatic
                {
                    IntegerTicksOnly = true,
                    LabelFormatter = step => FigurePanel.Number((long)Math.Round(step)),
                }
                : new ScottPlot.TickGenerators.NumericAutomatic { LabelFormatter = FigureScale.Label };
        }
        var ticks = new ScottPlot.TickGenerators.NumericManual();
        foreach (var label in labels)
            ticks.AddMajor(scale.Map(label.At), PlainText.Line(label.Text));
        return ticks;
    }

    private static AxisLabel[]? Labels(IReadOnlyList<double>? values) =>
        values is null ? null : [.. values.Select(value => new AxisLabel(value, FigureScale.Label(value)))];
}
