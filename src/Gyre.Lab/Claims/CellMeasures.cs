using Gyre.Lab.Runs;

namespace Gyre.Lab.Claims;

/// <summary>The numbers of one finished cell that claims and correlations are made of. NaN where a number was not measured.</summary>
public sealed record CellMeasures
{
    /// <summary>The cell in the plan.</summary>
    public required SweepCellRecord Cell { get; init; }

    /// <summary>Outcome, as in summary.json.</summary>
    public required string Outcome { get; init; }

    /// <summary>Test accuracy at the end, 0 to 1.</summary>
    public required double TestAccuracy { get; init; }

    /// <summary>Training accuracy at the end, 0 to 1.</summary>
    public required double TrainAccuracy { get; init; }

    /// <summary>Mean S over the last fifth of the measurements.</summary>
    public required double FinalSharpness { get; init; }

    /// <summary>Largest S.</summary>
    public required double PeakSharpness { get; init; }

    /// <summary>Mean S over the bursts' first steps, equally far apart in training time.</summary>
    public required double MeanSharpness { get; init; }

    /// <summary>Mean rotation at lag 1.</summary>
    public required double Flip { get; init; }

    /// <summary>Mean rotation at lag 2.</summary>
    public required double DriftPerBounce { get; init; }

    /// <summary>Mean rotation between bursts.</summary>
    public required double Drift { get; init; }

    /// <summary>Sum of the rotations between bursts.</summary>
    public required double CumulativeRotation { get; init; }

    /// <summary>Mean of the most negative Ritz values over the bursts' first steps.</summary>
    public required double LambdaMin { get; init; }

    /// <summary>Mean trace of the Hessian over the bursts' first steps.</summary>
    public required double Trace { get; init; }

    /// <summary>Whether the run diverged.</summary>
    public bool Diverged => Outcome == "diverged";

    /// <summary>The measures that accuracy is correlated with, by the name people read.</summary>
    public static IReadOnlyList<(string Name, Func<CellMeasures, double> Of)> Catalog { get; } =
    [
        ("final sharpness", cell => cell.FinalSharpness),
        ("peak sharpness", cell => cell.PeakSharpness),
        ("mean sharpness", cell => cell.MeanSharpness),
        ("flip", cell => cell.Flip),
        ("drift", cell => cell.Drift),
        ("cumulative rotation", cell => cell.CumulativeRotation),
        ("lambda_min", cell => cell.LambdaMin),
        ("trace", cell => cell.Trace),
    ];

    /// <summary>Of a finished cell; null for any other.</summary>
    public static CellMeasures? Of(SweepCell cell)
    {
        ArgumentNullException.ThrowIfNull(cell);
        if (cell.Run?.Summary is not { } summary)
            return null;
        var starts = cell.Run.Curvature.Where(record => record.Burst == 0).ToArray();
        return new CellMeasures
        {
            Cell = cell.Cell,
            Outcome = summary.Outcome,
            TestAccuracy = summary.FinalTestAccuracy ?? double.NaN,
            TrainAccuracy = summary.FinalAccuracy,
            FinalSharpness = summary.FinalSharpness,
            PeakSharpness = summary.PeakSharpness,
            MeanSharpness = Mean(starts.Select(record => record.Sharpness)),
            Flip = summary.Flip?.Mean ?? double.NaN,
            DriftPerBounce = summary.DriftPerBounce?.Mean ?? double.NaN,
            Drift = summary.Drift?.Mean ?? double.NaN,
            CumulativeRotation = starts.Any(record => record.Drift is not null) ? starts.Sum(record => record.Drift?.Rotation ?? 0) : double.NaN,
            LambdaMin = Mean(starts.Select(record => record.LambdaMin)),
            Trace = Mean(starts.Select(record => record.Trace?.Value ?? double.NaN).Where(double.IsFinite)),
        };
    }

    private static double Mean(IEnumerable<double> values) => values.DefaultIfEmpty(double.NaN).Average();
}
