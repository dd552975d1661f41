using Gyre.Dashboard.Reading;

namespace Gyre.Dashboard.Charts;

/// <summary>A number of a run that runs are compared by.</summary>
/// <param name="Id">Its name in addresses.</param>
/// <param name="Label">What goes up, with its unit.</param>
/// <param name="Column">Column of the run's steps or measurements.</param>
/// <param name="Measured">Whether it is a column of the measurements.</param>
internal sealed record Quantity(string Id, string Label, string Column, bool Measured)
{
    /// <summary>Whether it is logarithmic upwards by itself.</summary>
    public bool Logarithmic { get; init; }

    /// <summary>Whether it has error bars, in columns of its name with _low and _high.</summary>
    public bool Banded { get; init; }

    /// <summary>Ends upwards; null: those of what is shown.</summary>
    public (double Low, double High)? Range { get; init; }

    /// <summary>Every quantity, in the order of the list that is chosen from.</summary>
    public static IReadOnlyList<Quantity> Catalog { get; } =
    [
        new("loss", "training loss", "loss", false) { Logarithmic = true },
        new("test-loss", "test loss", "test_loss", false) { Logarithmic = true },
        new("accuracy", "training accuracy, %", "accuracy", false),
        new("test-accuracy", "test accuracy, %", "test_accuracy", false),
        new("sharpness", "sharpness", "sharpness", true),
        new("over-threshold", "sharpness over its threshold", "over_threshold", true),
        new("lambda-min", "smallest eigenvalue", "lambda_min", true),
        new("flip", "flip, 1 − overlap at lag 1", "flip", true) { Banded = true, Range = (-0.03, 1.03) },
        new("drift-per-bounce", "drift per bounce, 1 − overlap at lag 2", "drift_per_bounce", true)
        {
            Banded = true,
            Range = (-0.03, 1.03),
        },
        new("drift", "drift, 1 − overlap between bursts", "drift", true) { Banded = true, Range = (-0.03, 1.03) },
        new("alignment", "share of the gradient in the leading eigenvectors' span", "gradient_alignment", true)
        {
            Range = (-0.03, 1.03),
        },
        new("trace", "trace of the Hessian", "trace", true),
        new("gradient-norm", "norm of the gradient", "gradient_norm", false) { Logarithmic = true },
        new("rate", "step size eta", "learning_rate", false),
        new("products", "Hessian-vector products a measurement", "products", true),
    ];

    /// <summary>As a line over steps or training time.</summary>
    public Line Of(RunView view, string name, string color)
    {
        var line = Measured ? view.Measured(name, Column, color) : view.Step(name, Column, color);
        var table = Measured ? view.Run.Curvature : view.Run.Steps;
        return Banded && table.Has(Column)
            ? line with
            {
                Low = table[$"{Column}_low"],
                High = table[$"{Column}_high"],
            }
            : line;
    }

    /// <summary>Whether a run has it.</summary>
    public bool In(RunSnapshot run) => (Measured ? run.Curvature : run.Steps).Has(Column);
}
