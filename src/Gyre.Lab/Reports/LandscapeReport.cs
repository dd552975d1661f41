using System.Globalization;
using Gyre.Lab.Figures;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Statistics;
using Gyre.Torch;

namespace Gyre.Lab.Reports;

/// <summary>The report of a landscape: rows of a table, and figures.</summary>
internal static class LandscapeReport
{
    /// <summary>Returns the headline numbers: name, value, note.</summary>
    public static IReadOnlyList<(string Name, string Value, string Note)> Rows(LandscapeRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        var replay = record.Replay;
        var equal =
            replay.LargestDifference == 0
                ? "equal bit for bit"
                : $"within {NumberText.Format(replay.LargestDifference, 2)} of the largest";
        var threshold = record.Threshold is { } known ? $", threshold {NumberText.Format(known, 4)}" : "";
        return
        [
            (
                "step",
                record.Grid.Step.ToString(CultureInfo.InvariantCulture),
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"of {record.Grid.Run}; iterates {record.Grid.First} to {record.Grid.Last}"
                )
            ),
            (
                "trajectory",
                replay.LargestDifference == 0 ? "the run's own" : "to rounding",
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"repeated from step {replay.From}; {Counted.Format(replay.Compared, "loss", "losses")} {equal}"
                )
            ),
            (
                "loss",
                NumberText.Format(record.Loss, 6),
                $"gradient {NumberText.Format(record.GradientNorm, 4)}{threshold}"
            ),
            .. record.Eigenvalues.Select((_, i) => Eigenvalue(record, i)),
            .. Planes(record),
        ];
    }

    private static (string, string, string) Eigenvalue(LandscapeRecord record, int i) =>
        (
            $"eigenvalue {i + 1}",
            $"{NumberText.Format(record.Eigenvalues[i], 5)} ± {NumberText.Format(record.Residuals[i], 2)}",
            $"v{i + 1} accurate to {InspectionReport.Angle(record.AngleErrorsDegrees[i])}"
        );

    /// <summary>Returns how much of the iterates' path the planes show.</summary>
    private static IEnumerable<(string, string, string)> Planes(LandscapeRecord record)
    {
        if (record.VarianceShares.Count > 1)
            yield return (
                "principal plane",
                Percent.Format(record.VarianceShares[0] + record.VarianceShares[1]),
                $"of the iterates' variance: {Percent.Format(record.VarianceShares[0])} and "
                    + $"{Percent.Format(record.VarianceShares[1])}"
            );
        foreach (var slice in record.Grid.Slices.Where(slice => slice.Axes.Count == 2))
        {
            var iterates = record.Iterates[slice.Name];
            var reach = iterates.Max(iterate => Math.Sqrt(iterate.Place.Sum(one => one * one)));
            yield return (
                slice.Name,
                $"off by {NumberText.Format(iterates.Max(iterate => iterate.Distance), 3)}",
                $"largest distance of an iterate; within the plane they extend to {NumberText.Format(reach, 3)}"
            );
        }
    }

    /// <summary>Draws the lines and planes into a folder, each as SVG and PNG.</summary>
    /// <param name="record">The landscape to draw.</param>
    /// <param name="points">Every evaluated loss.</param>
    /// <param name="folder">Target folder; created if missing.</param>
    /// <param name="source">Text for the footer: the program and the command.</param>
    /// <returns>Paths of the files.</returns>
    /// <exception cref="RunFolderException">The folder cannot be written.</exception>
    public static IReadOnlyList<string> Save(
        LandscapeRecord record,
        IReadOnlyList<LandscapePoint> points,
        string folder,
        string source
    )
    {
        ArgumentNullException.ThrowIfNull(record);
        var planes = record
            .Grid.Slices.Where(slice => slice.Axes.Count == 2)
            .Select(slice => (slice.Name, Page: LandscapeFigure.Plane(record, slice, points, source)));
        return
        [
            .. planes
                .Prepend((Name: "lines", Page: LandscapeFigure.Lines(record, points, source)))
                .SelectMany(figure => FigureFiles.Write(folder, figure.Name, figure.Page).Paths),
        ];
    }
}
