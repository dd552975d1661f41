using Gyre.Lab.RunFiles;

namespace Gyre.Lab.Quantities;

/// <summary>
/// Every measured quantity of a run, listed once. The page's columns, charts and list of comparable quantities, the
/// run's figure, the TensorBoard tags, the tables of rotations and the table in docs/formats.md are generated from
/// it. A new quantity is a field of a record and an entry here.
/// </summary>
internal static class QuantityCatalog
{
    private const string AngleBars = "uncertainty from the angle error bars";
    private const string StandardError = "one standard error";

    /// <summary>
    /// The optimizer's threshold. It is recorded with sharpness but drawn for every step, since it is proportional to
    /// one over eta.
    /// </summary>
    public static Quantity Threshold { get; } =
        new("threshold", "threshold", "curvature/threshold")
        {
            FromMeasurement = record => record.Threshold,
            Line = new(QuantityPanel.Sharpness, "threshold", OkabeIto.Black)
            {
                Shape = QuantityShape.Held,
                Width = 2.2f,
            },
        };

    /// <summary>Sharpness over the threshold: 1 is the edge of stability at any learning rate.</summary>
    public static Quantity OverThreshold { get; } =
        new("over_threshold", "sharpness over its threshold", "curvature/sharpness_over_threshold")
        {
            FromMeasurement = record => record.Sharpness / record.Threshold,
        };

    public static QuantityFamily Eigenvalues { get; } =
        // A required list may still be null in a file of another version.
        new("eigenvalue", "eigenvalues", "λ", QuantityPanel.Eigenvalues, record => record.Eigenvalues ?? []);

    /// <summary>Every quantity, in the order of the page's list of comparable quantities.</summary>
    public static IReadOnlyList<Quantity> All { get; } =
    [
        new("loss", "training loss", "loss/train")
        {
            FromStep = step => step.Loss,
            Logarithmic = true,
            Line = new(QuantityPanel.Loss, "training", OkabeIto.Blue) { PaperName = "training loss", Width = 1.5f },
        },
        new("test_loss", "test loss", "loss/test")
        {
            FromStep = step => step.TestLoss,
            Logarithmic = true,
            Line = new(QuantityPanel.Loss, "test", OkabeIto.Vermilion)
            {
                PaperName = "test loss",
                Mark = QuantityMark.Ring,
            },
        },
        new("accuracy", "training accuracy", "accuracy/train")
        {
            Unit = "%",
            Factor = 100,
            FromStep = step => step.Accuracy,
            Line = new(QuantityPanel.Accuracy, "training", OkabeIto.Blue)
            {
                PaperName = "training accuracy",
                Width = 1.5f,
            },
        },
        new("test_accuracy", "test accuracy", "accuracy/test")
        {
            Unit = "%",
            Factor = 100,
            FromStep = step => step.TestAccuracy,
            Line = new(QuantityPanel.Accuracy, "test", OkabeIto.Vermilion)
            {
                PaperName = "test accuracy",
                Mark = QuantityMark.Ring,
            },
        },
        new("sharpness", "sharpness", "curvature/sharpness")
        {
            FromMeasurement = record => record.Sharpness,
            Line = new(QuantityPanel.Sharpness, "sharpness", OkabeIto.Blue)
            {
                Shape = QuantityShape.Bursts,
                Mark = QuantityMark.Disc,
                Width = 1.5f,
            },
        },
        Threshold,
        OverThreshold,
        new("hessian_sharpness", "sharpness of the Hessian, without preconditioner", "curvature/hessian_sharpness")
        {
            FromMeasurement = record => record.Hessian?.Sharpness,
            Line = new(QuantityPanel.Sharpness, "of the Hessian itself", OkabeIto.Green)
            {
                Mark = QuantityMark.OpenSquare,
            },
        },
        new("batch_sharpness", "batch sharpness", "curvature/batch_sharpness")
        {
            FromMeasurement = record =>
                record.BatchSharpness is { } batch ? MeasuredValue.From(batch.Value, batch.Error) : MeasuredValue.None,
            Band = StandardError,
            Line = new(QuantityPanel.Sharpness, "batch sharpness", OkabeIto.Vermilion) { Mark = QuantityMark.Ring },
        },
        new("lambda_min", "smallest eigenvalue", "curvature/lambda_min")
        {
            FromMeasurement = record => record.ConvergedLambdaMin(),
            Line = new(QuantityPanel.Eigenvalues, "smallest, where converged", OkabeIto.Black)
            {
                PaperName = "smallest",
                Shape = QuantityShape.Bursts,
                Mark = QuantityMark.OpenDiamond,
                Width = 1,
            },
        },
        Turned("flip", "flip", "1 − overlap at lag 1", record => record.Flip) with
        {
            OnTerminal = true,
            Line = new(QuantityPanel.Rotation, "flip, lag 1", OkabeIto.Vermilion)
            {
                PaperName = "flip (lag 1)",
                Mark = QuantityMark.Triangle,
            },
        },
        Turned("drift_per_bounce", "drift per bounce", "1 − overlap at lag 2", record => record.DriftPerBounce) with
        {
            Line = new(QuantityPanel.Rotation, "drift per bounce, lag 2", OkabeIto.Green)
            {
                PaperName = "drift per bounce (lag 2)",
                Mark = QuantityMark.Square,
            },
        },
        Turned("drift", "drift", "1 − overlap between bursts", record => record.Drift) with
        {
            OnTerminal = true,
            Line = new(QuantityPanel.Rotation, "drift, between bursts", OkabeIto.Blue)
            {
                PaperName = "drift (between bursts)",
                Mark = QuantityMark.Disc,
            },
        },
        Turned("resolve", "re-solve baseline", "1 − overlap at lag 0", record => record.Resolve) with
        {
            Line = new(QuantityPanel.Rotation, "re-solve baseline", OkabeIto.Purple)
            {
                Mark = QuantityMark.Cross,
                Last = true,
            },
        },
        Turned("across", "rotation across instabilities", "1 − overlap", record => record.Across) with
        {
            Line = new(QuantityPanel.Rotation, "across instabilities", OkabeIto.Orange)
            {
                Shape = QuantityShape.Events,
                Mark = QuantityMark.OpenDiamond,
            },
        },
        new(
            "gradient_alignment",
            "share of the gradient in the leading eigenvectors' span",
            "curvature/gradient_alignment"
        )
        {
            Id = "alignment",
            FromMeasurement = record => record.GradientAlignment,
            Range = QuantityPanel.Share,
            Line = new(QuantityPanel.Alignment, "gradient alignment", OkabeIto.Blue),
        },
        new("trace", "trace of the Hessian", "curvature/trace")
        {
            FromMeasurement = record =>
                record.Trace is { } trace ? MeasuredValue.From(trace.Value, trace.Error) : MeasuredValue.None,
            Band = StandardError,
            Line = new(QuantityPanel.Trace, "trace", OkabeIto.Blue) { Mark = QuantityMark.Ring },
        },
        new("gradient_norm", "norm of the gradient", "training/gradient_norm")
        {
            FromStep = step => step.GradientNorm,
            Logarithmic = true,
        },
        new("learning_rate", "learning rate eta", "training/learning_rate")
        {
            Id = "rate",
            FromStep = step => step.LearningRate,
            Line = new(QuantityPanel.LearningRate, "eta", OkabeIto.Blue) { Shape = QuantityShape.Held },
        },
        new("update_norm", "norm of the update", "training/update_norm")
        {
            FromStep = step => step.UpdateNorm,
            Logarithmic = true,
        },
        new("products", "Hessian-vector products per measurement", "curvature/products")
        {
            FromMeasurement = record => record.Products,
            Line = new(QuantityPanel.Products, "products", OkabeIto.Blue) { Shape = QuantityShape.Marks },
        },
    ];

    /// <summary>The quantities read from a step.</summary>
    public static IReadOnlyList<Quantity> PerStep { get; } = [.. All.Where(one => one.FromStep is not null)];

    /// <summary>The quantities read from a measurement.</summary>
    public static IReadOnlyList<Quantity> PerMeasurement { get; } =
    [.. All.Where(one => one.FromMeasurement is not null)];

    /// <summary>The quantities that are rotations.</summary>
    public static IReadOnlyList<Quantity> Rotations { get; } = [.. All.Where(one => one.Rotation is not null)];

    /// <summary>Returns the quantities drawn in a panel, in drawing order.</summary>
    public static IReadOnlyList<Quantity> DrawnIn(QuantityPanel panel) =>
        [.. All.Where(one => one.Line?.Panel == panel).OrderBy(one => one.Line!.Last)];

    /// <summary>Returns the rotations that a measurement has.</summary>
    public static IEnumerable<(Quantity Kind, RotationRecord Rotation)> Turned(CurvatureRecord measured)
    {
        foreach (var kind in Rotations)
        {
            if (kind.Rotation!(measured) is { } rotation)
                yield return (kind, rotation);
        }
    }

    private static Quantity Turned(
        string name,
        string label,
        string unit,
        Func<CurvatureRecord, RotationRecord?> read
    ) =>
        new(name, label, $"rotation/{name}")
        {
            Unit = unit,
            Rotation = read,
            FromMeasurement = record =>
                read(record) is { } rotation ? MeasuredValue.From(rotation) : MeasuredValue.None,
            Band = AngleBars,
            Range = QuantityPanel.Share,
        };
}
