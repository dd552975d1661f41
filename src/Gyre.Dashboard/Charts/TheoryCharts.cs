using System.Globalization;
using Gyre.Lab.Quantities;
using Gyre.Lab.Statistics;
using Gyre.Lab.Theory;

namespace Gyre.Dashboard.Charts;

/// <summary>The charts next to the surface of the two-parameter network.</summary>
internal static class TheoryCharts
{
    /// <summary>Name of the map of outcomes in addresses.</summary>
    public const string StartsId = "starts";

    private const int Side = 60;
    private const int Followed = 1000;
    private const int MostLabels = 12;
    private const double Fastest = 2.2;
    private const double Faraway = 1e4; // larger imbalances of a diverging descent would flatten the rest

    /// <summary>The outcomes, indexed by <see cref="ExactOutcome"/>.</summary>
    private static readonly (string Name, string Color)[] Outcomes =
    [
        ("stable", OkabeIto.Yellow),
        ("catapult", OkabeIto.Orange),
        ("period 2", OkabeIto.Sky),
        ("bounded", OkabeIto.Purple),
        ("diverged", OkabeIto.LightGray),
    ];

    /// <summary>Returns all charts. Cost: about 10 milliseconds, for the map of outcomes.</summary>
    public static IReadOnlyList<Chart> Create(TheoryStudy study)
    {
        var shades = Shades(study);
        return
        [
            .. new[] { Loss(study), Sharpness(study), Angle(study), Rotation(study), Imbalance(study) }.Select(chart =>
                chart with
                {
                    Shades = shades,
                    Across = Ends(study),
                }
            ),
            .. Starts(study),
        ];
    }

    private static Chart Loss(TheoryStudy study) =>
        new("loss", "Loss", "step", "loss", [Over(study, "loss", point => point.Loss, OkabeIto.Blue)])
        {
            Logarithmic = true,
        };

    private static Chart Sharpness(TheoryStudy study) =>
        new(
            "sharpness",
            "Sharpness against 2/eta",
            "step",
            "sharpness",
            [
                Over(study, "sharpness", point => point.Sharpness, OkabeIto.Blue) with
                {
                    Shape = LineShape.MarkedLine,
                },
                Level(study, "threshold 2/eta", study.Descent.Threshold, OkabeIto.Gray) with
                {
                    Dashed = true,
                    Width = 2,
                },
                .. study.FlowSettles
                    ? [Level(study, "end of gradient flow", study.Flow.Sharpness, OkabeIto.Green)]
                    : Array.Empty<Line>(),
            ]
        )
        {
            Logarithmic = study.Points.Any(point => point.Sharpness > 50 * study.Descent.Threshold),
            Note = "Shading: instabilities. Narrow stripe: the chosen step.",
        };

    private static Chart Angle(TheoryStudy study) =>
        new(
            "angle",
            "Angle of v1 from the y axis",
            "step",
            "angle, degrees",
            [
                new("v1", Steps(study), study.Angles.ToArray(), OkabeIto.Purple) { Shape = LineShape.MarkedLine },
                .. study.FlowSettles
                    ? [Level(study, "end of gradient flow", study.FlowAngle, OkabeIto.Green)]
                    : Array.Empty<Line>(),
            ]
        )
        {
            Note =
                "At a minimum, v1 ∝ (y, x): it leans toward the axis of the smaller factor, and is at 45 "
                + "degrees if both are equal.",
        };

    private static Chart Rotation(TheoryStudy study) =>
        new(
            "rotation",
            "Rotation of v1",
            "step",
            "1 − overlap",
            [
                Over(study, "flip, lag 1", point => point.Flip, OkabeIto.Vermilion) with
                {
                    Shape = LineShape.MarkedLine,
                },
                Over(study, "drift per bounce, lag 2", point => point.DriftPerBounce, OkabeIto.Green) with
                {
                    Shape = LineShape.MarkedLine,
                },
            ]
        )
        {
            Note =
                "In a small bounce, v1 flips back and forth at every step. Over two steps it hardly rotates, but "
                + "the small rotations add up. Large bounces rotate it over two steps as well.",
        };

    private static Chart Imbalance(TheoryStudy study) =>
        new(
            "imbalance",
            "Imbalance",
            "step",
            "x² − y²",
            [
                Over(
                    study,
                    "x² − y²",
                    point => TheoryStudy.ImbalanceOf(point) is var q && Math.Abs(q) < Faraway ? q : double.NaN,
                    OkabeIto.Blue
                ) with
                {
                    Shape = LineShape.MarkedLine,
                },
                Level(study, "under gradient flow", study.Imbalance, OkabeIto.Green),
            ]
        )
        {
            Note = "Every step multiplies it by 1 − eta²(xy − 1)². At a minimum the sharpness is √((x² − y²)² + 4).",
        };

    /// <summary>
    /// Returns the outcome of every imbalance at every learning rate, for starts with the same product as this one;
    /// no chart if the product is not above 0.
    /// </summary>
    private static IEnumerable<Chart> Starts(TheoryStudy study)
    {
        var product = study.State.X * study.State.Y;
        if (!(product > 0))
            yield break;
        var widest = Math.Max(5, Math.Ceiling(1.3 * Math.Abs(study.Imbalance)));
        var map = OutcomeMap.Compute(2, product, Middles(widest), Middles(Fastest), Followed);
        yield return new Chart(
            StartsId,
            "Outcome of starts with the same product xy",
            "|x² − y²| at the start",
            "eta",
            [EdgeOfMinima(widest), .. Outcomes.Select(InLegend), ThisStart(study)]
        )
        {
            Map = Cells(map),
            Across = (0, widest),
            Range = (0, Fastest),
            Linked = false,
            Height = 340,
            Note = string.Create(
                CultureInfo.InvariantCulture,
                $"xy = {NumberText.Format(product)}; {Side} × {Side} starts, each followed for up to {Followed} steps, "
                    + $"classified as in docs/theory.md. Catapult: unstable on the way to a minimum. "
                    + $"Click to choose a start."
            ),
        };
    }

    private static Line EdgeOfMinima(double widest)
    {
        double[] curve = [.. Enumerable.Range(0, 121).Select(i => i * widest / 120)];
        return new(
            "2/S at gradient flow's minimum",
            curve,
            curve.Select(q => 2 / TwoParameterModel.SharpnessOfMinimum(q)).ToArray(),
            OkabeIto.Blue
        )
        {
            Width = 2.5,
            Rising = false,
            Outlined = true,
        };
    }

    /// <summary>Returns a line without points. Its legend entry explains a color of the map.</summary>
    private static Line InLegend((string Name, string Color) outcome) =>
        new(outcome.Name, new[] { double.NaN }, new[] { double.NaN }, outcome.Color)
        {
            Shape = LineShape.Marks,
            Mark = LineMark.Square,
            MarkSize = 11,
            Rising = false,
        };

    private static Line ThisStart(TheoryStudy study) =>
        new(
            "this start",
            new[] { Math.Abs(study.Imbalance) },
            new[] { study.State.Eta <= Fastest ? study.State.Eta : double.NaN },
            OkabeIto.Vermilion
        )
        {
            Shape = LineShape.Marks,
            MarkSize = 12,
            Outlined = true,
        };

    private static HeatMap Cells(OutcomeMap map)
    {
        double[][] numbers =
        [
            .. Enumerable
                .Range(0, Side)
                .Select(row => Enumerable.Range(0, Side).Select(column => (double)map.Outcomes[row, column]).ToArray()),
        ];
        return new HeatMap(
            [.. map.Imbalances.Cast<object>()],
            [.. map.LearningRates.Cast<object>()],
            numbers,
            "outcome"
        )
        {
            Classes = [.. Outcomes.Select(outcome => outcome.Color)],
            Names = [.. Outcomes.Select(outcome => outcome.Name)],
            Hints =
            [
                .. map.LearningRates.Select(
                    (rate, row) =>
                        map
                            .Imbalances.Select(
                                (q, column) =>
                                    string.Create(
                                        CultureInfo.InvariantCulture,
                                        $"|x² − y²| = {NumberText.Format(q)}, eta = {NumberText.Format(rate)}: "
                                            + $"{Outcomes[(int)map.Outcomes[row, column]].Name}"
                                    )
                            )
                            .ToArray()
                ),
            ],
        };
    }

    private static double[] Middles(double last) => [.. Enumerable.Range(0, Side).Select(i => (i + 0.5) / Side * last)];

    /// <summary>Returns shades for the instabilities and the chosen step.</summary>
    private static IReadOnlyList<Shade> Shades(TheoryStudy study)
    {
        var (cycles, last) = (study.Descent.Cycles, study.Points[^1].Step);
        var half = Math.Max(0.25, last * 0.002);
        return
        [
            .. cycles.Select(cycle => new Shade(
                cycle.Onset,
                cycle.Resolution ?? last,
                cycles.Count > MostLabels ? "" : FormattableString.Invariant($"{cycle.Number}")
            )),
            new Shade(study.Chosen.Step - half, study.Chosen.Step + half, "", OkabeIto.Purple) { Opacity = 0.6 },
        ];
    }

    private static (double, double) Ends(TheoryStudy study) =>
        study.Points[^1].Step is var last ? (-0.01 * Math.Max(last, 1), 1.01 * Math.Max(last, 1)) : default;

    private static double[] Steps(TheoryStudy study) => [.. study.Points.Select(point => (double)point.Step)];

    private static Line Over(TheoryStudy study, string name, Func<ExactPoint, double> value, string color) =>
        new(name, Steps(study), study.Points.Select(value).ToArray(), color);

    private static Line Level(TheoryStudy study, string name, double value, string color) =>
        new(name, new double[] { 0, Math.Max(1, study.Points[^1].Step) }, new[] { value, value }, color);
}
