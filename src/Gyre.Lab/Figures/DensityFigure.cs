using System.Globalization;
using Gyre.Lab.Quantities;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Statistics;
using Gyre.Torch;
using ScottPlot;

namespace Gyre.Lab.Figures;

/// <summary>The spectral density of an inspection, with its eigenpairs marked.</summary>
internal static class DensityFigure
{
    /// <summary>Returns the page; null if no density was estimated.</summary>
    public static FigurePage? Page(InspectionRecord record, string source)
    {
        if (record.Density is not { } density)
            return null;
        // a tenth of the peak of a single eigenvalue
        var floor = 0.1 / record.Parameters / (density.Width * Math.Sqrt(2 * Math.PI));
        var across = FigureAxis.Over("eigenvalue", FigureScale.Linear, density.Places);
        var panel = new FigurePanel(across, "density", 360, FigureScale.Logarithmic, (floor, 3 * density.Values.Max()));
        panel.Band(
            density
                .Places.Zip(density.Values, density.Errors)
                .Select(point =>
                    (point.First, Math.Max(floor, point.Second - 2 * point.Third), point.Second + 2 * point.Third)
                ),
            OkabeIto.Blue
        );
        panel.Line("density (band: two standard errors)", density.Places.Zip(density.Values), OkabeIto.Blue, 1.4f);
        panel.Points(
            "largest eigenvalues",
            record.Top.Select(pair => (pair.Value, 1.6 * floor)),
            OkabeIto.Vermilion,
            MarkerShape.FilledTriangleUp,
            8
        );
        panel.Points(
            "most negative",
            record.Bottom.Select(pair => (pair.Value, 1.6 * floor)),
            OkabeIto.Purple,
            MarkerShape.FilledDiamond,
            8
        );
        if (record.Floor is { } least)
            panel.Moment("lower bound of the spectrum", least.Value, OkabeIto.Gray);
        else
            panel.Moment("zero", 0, OkabeIto.Gray);
        panel.Finish();
        return new FigurePage(
            $"Spectral density of the {OperatorNames.Spoken(record.Operator)}: {record.Model}",
            string.Create(
                CultureInfo.InvariantCulture,
                $"{record.Data}, {Counted.Format(record.Samples, "sample")}, "
                    + $"{Counted.Format(record.Parameters, "parameter")}; each eigenvalue smoothed by a normal distribution of "
                    + $"width {NumberText.Format(density.Width, 3)}"
            ),
            string.Create(
                CultureInfo.InvariantCulture,
                $"{source} · stochastic Lanczos quadrature, {Counted.Format(density.Probes, "random vector")} × "
                    + $"{Counted.Format(density.Steps, "step")}; marked eigenvalues are counted exactly"
            ),
            [panel]
        );
    }
}
