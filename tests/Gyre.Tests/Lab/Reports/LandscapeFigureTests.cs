using Gyre.Lab.Figures;
using Gyre.Lab.RunFiles;

namespace Gyre.Tests.Lab.Reports;

/// <summary>
/// The pages of `gyre landscape` for a valley, for losses that overflow, for a flat one and for a window of one
/// iterate.
/// </summary>
public class LandscapeFigureTests
{
    private const int Side = 9;

    public static TheoryData<string, int> Landscapes =>
        new()
        {
            { "valley", 4 },
            { "overflows", 4 },
            { "flat", 4 },
            { "valley", 0 },
            { "nothing is finite", 1 },
            { "zero", 2 },
            { "smallest", 2 },
            { "all numbers", 2 },
        };

    [Theory]
    [MemberData(nameof(Landscapes))]
    public void Pages_are_of_numbers_and_their_texts_are_apart(string kind, int window)
    {
        var record = Record(window);
        var points = record
            .Grid.Slices.SelectMany(slice =>
                Enumerable
                    .Range(0, (int)slice.Points)
                    .Select(number => new LandscapePoint(slice.Name, number, Loss(kind, slice.Place(number))))
            )
            .ToArray();
        foreach (
            var page in record
                .Grid.Slices.Where(slice => slice.Axes.Count == 2)
                .Select(slice => LandscapeFigure.Plane(record, slice, points, "gyre landscape"))
                .Prepend(LandscapeFigure.Lines(record, points, "gyre landscape"))
        )
        {
            SvgPage.NothingOverlaps(page);
            SvgPage.NothingButNumbers(page, $"{page.Title} of {kind}");
            Assert.All(
                SvgPage.Texts(SvgPage.Parse(page.ToSvg())),
                text => Assert.True(FigureFont.Face.ContainsGlyphs(text.Text), text.Text)
            );
        }
    }

    [Fact]
    public void The_bar_of_a_plane_says_its_largest_median_and_smallest_loss()
    {
        var record = Record(4);
        var slice = record.Grid.Slices.Single(one => one.Name == "plane-v1-v2");
        var points = Enumerable
            .Range(0, Side * Side)
            .Select(number => new LandscapePoint(slice.Name, number, number == 7 ? double.NaN : 1 + number))
            .ToArray();
        var page = LandscapeFigure.Plane(record, slice, points, "");
        Assert.Equal(("81", "1"), page.ColorEnds);
        Assert.EndsWith("half of the plane is below 42", page.ColorBar, StringComparison.Ordinal);
    }

    private static double Loss(string kind, double[] place) =>
        kind switch
        {
            "flat" => 1,
            "zero" => 0,
            "smallest" => double.Epsilon,
            "all numbers" when place[0] > 0 => double.MaxValue,
            "all numbers" when place[0] < 0 => double.Epsilon,
            "all numbers" => -double.MaxValue,
            "valley" => 0.1 + place.Sum(one => one * one),
            "overflows" => place[0] > 0.3 ? double.PositiveInfinity : Math.Exp(20 * place[^1]),
            _ => double.NaN,
        };

    private static LandscapeRecord Record(int window)
    {
        LandscapeAxis Axis(string direction, int points, double? slope) =>
            new(direction, -0.5, 0.7, points, slope, slope * 2);
        LandscapeSlice[] slices =
        [
            new("line-v1", "step", [Axis("v1", 21, 0.4)]),
            new("line-gradient", "step", [Axis("gradient", 21, 1)]),
            new("plane-v1-v2", "step", [Axis("v1", Side, 0.4), Axis("v2", Side, 0.1)]),
            new("plane-pc1-pc2", "mean", [Axis("pc1", Side, null), Axis("pc2", Side, null)]),
        ];
        var iterates = Enumerable
            .Range(-window, 2 * window + 1)
            .Select(i => new PlacedIterate(
                20 + i,
                [0.1 * i, i % 2 == 0 ? 0.2 : -0.1],
                0.3 * Math.Abs(i),
                0.5 + 0.1 * i,
                0.4
            ))
            .ToArray();
        return new LandscapeRecord
        {
            Format = RunFolder.Format,
            Grid = new LandscapeGrid("made-0123456789", 20, 20 - window, 20 + window, slices),
            Parameters = 100,
            Samples = 10,
            Loss = 0.5,
            GradientNorm = 1,
            LearningRate = 0.1,
            Threshold = 20,
            Replay = new ReplayRecord(0, 25, 0, 1e-4),
            Eigenvalues = [21, 8],
            Residuals = [1e-5, 1e-4],
            AngleErrorsDegrees = [0.1, null],
            StopReason = "converged",
            Products = 14,
            VarianceShares = [0.8, 0.15, 0.05],
            Iterates = slices.ToDictionary(
                slice => slice.Name,
                slice =>
                    (IReadOnlyList<PlacedIterate>)
                        [
                            .. iterates.Select(iterate =>
                                iterate with
                                {
                                    Place = [.. iterate.Place.Take(slice.Axes.Count)],
                                }
                            ),
                        ]
            ),
            Remarks = [],
        };
    }
}
