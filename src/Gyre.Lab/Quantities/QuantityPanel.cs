namespace Gyre.Lab.Quantities;

/// <summary>
/// A chart of a run on the page and, if it has a height on paper, a panel of the run's figure. It shows the
/// quantities of <see cref="QuantityCatalog"/> that refer to it.
/// </summary>
/// <param name="Id">Identifier in the page's URLs.</param>
/// <param name="Title">Title above the chart on the page.</param>
/// <param name="Label">Label of the vertical axis on the page.</param>
internal sealed record QuantityPanel(string Id, string Title, string Label)
{
    /// <summary>The label of the vertical axis in the figure.</summary>
    public string PaperLabel { get; private init; } = Label;

    /// <summary>Height in the figure, in pixels; 0: the panel is only on the page.</summary>
    public int PaperHeight { get; private init; }

    /// <summary>The ends of the vertical axis on the page; null: those of the values shown.</summary>
    public (double Low, double High)? Range { get; private init; }

    /// <summary>The ends of the vertical axis in the figure; null: those of the values shown.</summary>
    public (double Low, double High)? PaperRange { get; private init; }

    /// <summary>Whether the vertical axis is logarithmic.</summary>
    public bool Logarithmic { get; private init; }

    public static QuantityPanel Loss { get; } = new("loss", "Loss", "loss") { Logarithmic = true, PaperHeight = 180 };

    public static QuantityPanel Accuracy { get; } =
        new("accuracy", "Accuracy", "accuracy, %") { PaperRange = (-4, 104), PaperHeight = 110 };

    public static QuantityPanel Sharpness { get; } =
        new("sharpness", "Sharpness against the threshold", "sharpness") { PaperHeight = 180 };

    public static QuantityPanel Eigenvalues { get; } =
        new("eigenvalues", "Leading eigenvalues, and the smallest", "eigenvalue")
        {
            PaperLabel = "eigenvalues",
            PaperHeight = 150,
        };

    public static QuantityPanel Trace { get; } = new("trace", "Trace of the Hessian", "trace") { PaperHeight = 110 };

    public static QuantityPanel Rotation { get; } =
        new("rotation", "Rotation of the leading eigenvectors", "1 − overlap")
        {
            PaperLabel = "rotation, 1 − overlap",
            PaperHeight = 180,
            Range = Share,
            PaperRange = Share,
        };

    public static QuantityPanel Alignment { get; } =
        new("alignment", "Share of the gradient in the leading eigenvectors' span", "share") { Range = Share };

    public static QuantityPanel Products { get; } =
        new("products", "Hessian-vector products per measurement", "products");

    public static QuantityPanel LearningRate { get; } = new("rate", "Learning rate", "eta");

    /// <summary>Every panel, in the order of the page and the figure.</summary>
    public static IReadOnlyList<QuantityPanel> Catalog { get; } =
    [Loss, Accuracy, Sharpness, Eigenvalues, Trace, Rotation, Alignment, Products, LearningRate];

    /// <summary>The ends of an axis of shares from 0 to 1, with a small margin for markers at the ends.</summary>
    internal static (double Low, double High) Share => (-0.03, 1.03);
}
