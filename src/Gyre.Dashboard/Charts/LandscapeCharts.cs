using System.Globalization;
using Gyre.Dashboard.Reading;
using Gyre.Lab.Quantities;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Statistics;

namespace Gyre.Dashboard.Charts;

/// <summary>
/// The charts of a landscape: its lines, its planes with the projected iterates, and the distances of the iterates
/// from the planes.
/// </summary>
internal static class LandscapeCharts
{
    /// <summary>
    /// The number of decades below the median loss of a plane that a logarithmic color scale distinguishes.
    /// </summary>
    private const double Decades = 3;

    /// <summary>Returns all charts.</summary>
    public static IReadOnlyList<Chart> Create(LandscapeSnapshot landscape) =>
        [.. Lines(landscape), .. Planes(landscape).SelectMany(plane => plane)];

    /// <summary>Returns the lines that have losses.</summary>
    public static IReadOnlyList<Chart> Lines(LandscapeSnapshot landscape) =>
        [.. Slices(landscape, 1).Select(slice => Line(landscape, slice)).Where(chart => !chart.Empty)];

    /// <summary>Returns the planes that have losses, each followed by the charts of its iterates.</summary>
    public static IReadOnlyList<IReadOnlyList<Chart>> Planes(LandscapeSnapshot landscape) =>
        [
            .. Slices(landscape, 2)
                .Select(slice => Plane(landscape, slice).Where(chart => !chart.Empty).ToArray())
                .Where(plane => plane.Length > 0),
        ];

    private static IEnumerable<LandscapeSlice> Slices(LandscapeSnapshot landscape, int axes) =>
        landscape.Grid?.Slices.Where(slice => slice.Axes.Count == axes) ?? [];

    private static Chart Line(LandscapeSnapshot landscape, LandscapeSlice slice)
    {
        var (axis, losses, iterates) = (slice.Axes[0], landscape.Losses[slice.Name], IteratesOf(landscape, slice));
        double[] places = [.. Enumerable.Range(0, axis.Points).Select(axis.At)];
        List<Line> lines = [];
        if (landscape.Record is { } record && axis.Slope is not null)
            lines.Add(
                new(
                    "quadratic model",
                    places,
                    places.Select(place => axis.Quadratic(record.Loss, place)).ToArray(),
                    OkabeIto.Gray
                )
                {
                    Dashed = true,
                    Width = 2,
                }
            );
        lines.Add(new("loss", places, losses, OkabeIto.Blue) { Width = 2.4, Broken = true });
        lines.AddRange(Path(landscape, slice, iterate => (iterate.Place[0], iterate.Loss)));
        double[] seen = [.. losses.Concat(iterates.Select(iterate => iterate.Loss)).Where(double.IsFinite)];
        return new Chart(slice.Name, $"Loss along {Named(axis)}", $"distance along {Named(axis)}", "loss", lines)
        {
            Linked = false,
            Across = (axis.Low, axis.High),
            Range =
                seen.Length == 0 || seen.Max() <= seen.Min()
                    ? null
                    : (seen.Min() - 0.05 * (seen.Max() - seen.Min()), seen.Max() + 0.05 * (seen.Max() - seen.Min())),
            Height = 340,
            Note =
                iterates.Count == 0
                    ? ""
                    : "Each iterate is drawn at its own loss, over its projection onto the line. It may be far "
                        + "from the line.",
        };
    }

    private static IEnumerable<Chart> Plane(LandscapeSnapshot landscape, LandscapeSlice slice)
    {
        var (x, y, losses, iterates) = (
            slice.Axes[0],
            slice.Axes[1],
            landscape.Losses[slice.Name],
            IteratesOf(landscape, slice)
        );
        var middle = Middle(losses);
        var map = new HeatMap(
            [.. Enumerable.Range(0, x.Points).Select(i => (object)x.At(i))],
            [.. Enumerable.Range(0, y.Points).Select(i => (object)y.At(i))],
            [.. losses.Chunk(x.Points)],
            "loss"
        )
        {
            Smooth = true,
            Logarithmic = losses.All(loss => !(loss < 0)),
            Rescalable = true,
            Floor = middle > 0 ? middle * Math.Pow(10, -Decades) : 0,
        };
        yield return new Chart(
            slice.Name,
            $"Loss on the plane of {Named(x)} and {Named(y)}",
            $"distance along {Named(x)}",
            $"distance along {Named(y)}",
            [.. Path(landscape, slice, iterate => (iterate.Place[0], iterate.Place[1]), outlined: true)]
        )
        {
            Map = losses.Any(double.IsFinite) ? map : null,
            Linked = false,
            Across = (x.Low, x.High),
            Range = (y.Low, y.High),
            Height = 560,
            Note =
                slice.Origin == LandscapeSlice.AtStep
                    ? "The plane passes through theta at the step. The eigenvectors rotate within a few steps."
                    : "The plane passes through the mean of the iterates, along the directions of largest variance.",
        };
        if (iterates.Count > 0)
            yield return Away(landscape, slice, iterates);
        if (iterates.Count > 0)
            yield return Shadows(landscape, slice, iterates);
    }

    private static Chart Away(
        LandscapeSnapshot landscape,
        LandscapeSlice slice,
        IReadOnlyList<PlacedIterate> iterates
    ) =>
        Steps(
            landscape,
            $"{slice.Name}-distance",
            $"Distance of the iterates from the plane of {Plane(slice)}",
            "distance",
            iterates,
            [
                Over(iterates, "from the plane", iterate => iterate.Distance, OkabeIto.Purple, LineMark.Triangle),
                Over(
                    iterates,
                    "from the origin, in the plane",
                    iterate => Math.Sqrt(iterate.Place.Sum(one => one * one)),
                    OkabeIto.Green,
                    LineMark.OpenCircle
                ),
            ]
        );

    private static Chart Shadows(
        LandscapeSnapshot landscape,
        LandscapeSlice slice,
        IReadOnlyList<PlacedIterate> iterates
    ) =>
        Steps(
            landscape,
            $"{slice.Name}-loss",
            $"Loss of the iterates and of their projections onto the plane of {Plane(slice)}",
            "loss",
            iterates,
            [
                Over(iterates, "at the iterate", iterate => iterate.Loss, OkabeIto.Vermilion, LineMark.Circle),
                Over(iterates, "at its projection", iterate => iterate.ShadowLoss, OkabeIto.Blue, LineMark.OpenSquare),
            ]
        );

    private static Chart Steps(
        LandscapeSnapshot landscape,
        string id,
        string title,
        string label,
        IReadOnlyList<PlacedIterate> iterates,
        IReadOnlyList<Line> lines
    )
    {
        var (first, last) = ((double)iterates[0].Step, (double)iterates[^1].Step);
        var room = Math.Max(0.5, 0.02 * (last - first));
        return new Chart(id, title, "step", label, lines)
        {
            Linked = false,
            Across = (first - room, last + room),
            Height = 240,
            Shades =
            [
                new Shade(landscape.Grid!.Step - room / 5, landscape.Grid.Step + room / 5, "", OkabeIto.Gray)
                {
                    Opacity = 0.5,
                },
            ],
        };
    }

    private static Line Over(
        IReadOnlyList<PlacedIterate> iterates,
        string name,
        Func<PlacedIterate, double> value,
        string color,
        LineMark mark
    ) =>
        new(name, iterates.Select(iterate => (double)iterate.Step).ToArray(), iterates.Select(value).ToArray(), color)
        {
            Shape = LineShape.MarkedLine,
            Mark = mark,
        };

    /// <summary>
    /// Draws the iterates, joined in order, with special markers at the first, the last, and the landscape's step.
    /// </summary>
    private static IEnumerable<Line> Path(
        LandscapeSnapshot landscape,
        LandscapeSlice slice,
        Func<PlacedIterate, (double X, double Y)> place,
        bool outlined = false
    )
    {
        var iterates = IteratesOf(landscape, slice);
        if (iterates.Count == 0)
            yield break;
        Line CreateLine(string name, IReadOnlyList<PlacedIterate> some) =>
            new(
                name,
                some.Select(iterate => place(iterate).X).ToArray(),
                some.Select(iterate => place(iterate).Y).ToArray(),
                OkabeIto.Vermilion
            )
            {
                Shape = LineShape.Marks,
                Rising = false,
                Outlined = outlined,
                Texts = [.. some.Select(iterate => Hint(iterate, slice))],
            };
        yield return CreateLine("iterates", iterates) with
        {
            Shape = LineShape.MarkedLine,
        };
        yield return CreateLine(FormattableString.Invariant($"first, {iterates[0].Step}"), [iterates[0]]) with
        {
            Mark = LineMark.Square,
            MarkSize = 11,
        };
        yield return CreateLine(FormattableString.Invariant($"last, {iterates[^1].Step}"), [iterates[^1]]) with
        {
            Mark = LineMark.Triangle,
            MarkSize = 12,
        };
        if (iterates.FirstOrDefault(iterate => iterate.Step == landscape.Grid!.Step) is { } step)
            yield return CreateLine(FormattableString.Invariant($"step {step.Step}"), [step]) with
            {
                Mark = LineMark.Diamond,
                MarkSize = 14,
                Color = OkabeIto.Purple,
                Outlined = true,
            };
    }

    private static string Hint(PlacedIterate iterate, LandscapeSlice slice) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"step {iterate.Step}: loss {NumberText.Format(iterate.Loss, 4)}, "
                + $"{NumberText.Format(iterate.Distance, 3)} from the {(slice.Axes.Count == 1 ? "line" : "plane")}, "
                + $"loss {NumberText.Format(iterate.ShadowLoss, 4)} at the projection"
        );

    private static IReadOnlyList<PlacedIterate> IteratesOf(LandscapeSnapshot landscape, LandscapeSlice slice) =>
        landscape.Record?.Iterates[slice.Name] ?? [];

    private static double Middle(double[] losses) =>
        losses.Where(double.IsFinite).Order().ToArray() is { Length: > 0 } known ? known[known.Length / 2] : double.NaN;

    private static string Plane(LandscapeSlice slice) => $"{Named(slice.Axes[0])} and {Named(slice.Axes[1])}";

    private static string Named(LandscapeAxis axis) =>
        axis.Direction == LandscapeAxis.Gradient ? "the gradient" : axis.Direction;
}
