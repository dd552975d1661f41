using System.Globalization;
using Gyre.Dashboard.Charts;

namespace Gyre.Tests.Dashboard.Charts;

/// <summary>What is drawn of the surface is where the formulas have it.</summary>
public class SurfaceDrawingTests
{
    private const int Pieces = 24;

    [Theory]
    [InlineData(TheoryState.Quadrant)]
    [InlineData(TheoryState.Plane)]
    [InlineData(TheoryState.Path)]
    public void Bands_hold_the_places_whose_loss_is_below_their_level(string view)
    {
        var frame = SurfaceFrame.FromStudy(Study(2, 0.2, 0.5, view));
        var random = new Random(1);
        foreach (var (path, level) in SurfaceDrawing.Bands(frame).Zip(SurfaceDrawing.Levels.Reverse()))
        {
            var outlines = Outlines(path);
            for (var i = 0; i < 400; i++)
            {
                var (x, y) = frame.At(random.NextDouble(), random.NextDouble());
                var loss = (x * y - 1) * (x * y - 1) / 2;
                if (Math.Abs(loss - level) > 0.02 * level)
                    Assert.True(
                        loss < level == Holds(outlines, frame.Place(x, y)),
                        $"({x}, {y}) has loss {loss}; band {level}"
                    );
            }
        }
    }

    [Theory]
    [InlineData(3, 0.3)]
    [InlineData(0.3, 3)]
    [InlineData(-3, -1)]
    [InlineData(3, -0.5)]
    [InlineData(-0.5, 2)]
    [InlineData(1.5, 1.5)]
    [InlineData(1.000001, 1)]
    [InlineData(2, -2)]
    public void Gradient_flow_goes_from_its_start_to_its_end_keeps_the_imbalance_and_only_falls(double x, double y)
    {
        var study = Study(x, y, 0.1);
        var places = SurfaceDrawing.FlowOf(study).ToArray();
        Near((x, y), places[0]);
        Near((study.Flow.Theta[0], study.Flow.Theta[1]), places[^1]);
        Assert.All(places, place => Assert.Equal(x * x - y * y, place.X * place.X - place.Y * place.Y, 6));
        Assert.All(places.Zip(places.Skip(1)), pair => Assert.True(Loss(pair.Second) <= Loss(pair.First) + 1e-9));
    }

    [Fact]
    public void The_stable_minima_end_where_their_sharpness_is_the_threshold()
    {
        var frame = SurfaceFrame.FromStudy(Study(3, 0.3, 0.25, TheoryState.Plane));
        var ends = Outlines(SurfaceDrawing.StableMinima(frame, 0.25))
            .SelectMany(outline => new[] { outline[0], outline[^1] })
            .Select(place => frame.At(place.X / SurfaceFrame.Size, place.Y / SurfaceFrame.Size))
            .ToArray();
        Assert.Equal(4, ends.Length);
        Assert.All(
            ends,
            end =>
            {
                Assert.Equal(1, end.X * end.Y, 3);
                Assert.Equal(2 / 0.25, end.X * end.X + end.Y * end.Y, 2);
            }
        );
        Assert.Equal("", SurfaceDrawing.StableMinima(frame, 1));
        Assert.Equal("", SurfaceDrawing.StableMinima(frame, 3));
    }

    [Theory]
    [InlineData(3, 0.3)]
    [InlineData(0.3, 3)]
    [InlineData(1, 1)]
    [InlineData(-1, 0.5)]
    [InlineData(0.2, 0.1)]
    public void The_line_of_v1_is_an_eigenvector_of_the_larger_eigenvalue(double x, double y)
    {
        var frame = SurfaceFrame.FromStudy(Study(x, y, 0.1, TheoryState.Plane));
        var line = Assert.Single(Outlines(SurfaceDrawing.Leading(frame, x, y)));
        var (from, to) = (
            frame.At(line[0].X / SurfaceFrame.Size, line[0].Y / SurfaceFrame.Size),
            frame.At(line[^1].X / SurfaceFrame.Size, line[^1].Y / SurfaceFrame.Size)
        );
        var (dx, dy) = (to.X - from.X, to.Y - from.Y);
        var across = 2 * x * y - 1;
        var (hx, hy) = (y * y * dx + across * dy, across * dx + x * x * dy);
        var largest = Gyre.Lab.Theory.TwoParameterModel.Eigenvalues(x, y).Largest;
        Assert.Equal(largest, (hx * dx + hy * dy) / (dx * dx + dy * dy), 2);
        Assert.Equal(x, (from.X + to.X) / 2, 3);
        Assert.Equal(y, (from.Y + to.Y) / 2, 3);
    }

    [Fact]
    public void What_diverges_is_drawn_to_where_it_leaves_and_no_number_is_too_large_for_a_browser()
    {
        var study = Study(4, 3.9, 1.7, TheoryState.Plane);
        var frame = SurfaceFrame.FromStudy(study);
        foreach (
            var path in new[]
            {
                SurfaceDrawing.Descent(frame, study),
                SurfaceDrawing.Dots(frame, study),
                SurfaceDrawing.Others(frame, study),
                SurfaceDrawing.Leading(frame, 1e200, double.NaN),
            }
        )
        {
            Assert.DoesNotContain("NaN", path, StringComparison.Ordinal);
            Assert.DoesNotContain("E", path, StringComparison.OrdinalIgnoreCase);
            Assert.All(Numbers(path), number => Assert.InRange(Math.Abs(number), 0, 1e6));
        }
        Assert.NotEmpty(SurfaceDrawing.Descent(frame, study));
    }

    [Fact]
    public void Places_and_their_drawing_are_each_other_back()
    {
        var frame = new SurfaceFrame(-0.7, 1.3, 2.5);
        var (across, down) = frame.Place(0.9, 2);
        Near((0.9, 2), frame.At(across / SurfaceFrame.Size, down / SurfaceFrame.Size));
        Assert.Equal((0, SurfaceFrame.Size), frame.Place(-0.7, 1.3));
    }

    [Fact]
    public void The_closest_view_has_the_path_and_the_end_of_gradient_flow_in_it()
    {
        var study = Study(3, 0.3, 0.225, TheoryState.Path);
        var frame = SurfaceFrame.FromStudy(study);
        Assert.All(
            study.Points.Select(point => point.Theta).Append(study.Flow.Theta),
            theta =>
            {
                Assert.InRange(theta[0], frame.Left, frame.Left + frame.Side);
                Assert.InRange(theta[1], frame.Bottom, frame.Bottom + frame.Side);
            }
        );
        Assert.True(frame.Side < 0.4);
        Assert.All(frame.Ticks(frame.Left), tick => Assert.InRange(tick, frame.Left, frame.Left + frame.Side));
        Assert.InRange(frame.Ticks(frame.Left).Count(), 2, 9);
    }

    private static TheoryStudy Study(double x, double y, double eta, string view = TheoryState.Quadrant) =>
        TheoryStudy.Create(TheoryState.Default with { X = x, Y = y, Eta = eta, View = view });

    private static double Loss((double X, double Y) place) => (place.X * place.Y - 1) * (place.X * place.Y - 1) / 2;

    private static void Near((double X, double Y) expected, (double X, double Y) place)
    {
        Assert.Equal(expected.X, place.X, 5);
        Assert.Equal(expected.Y, place.Y, 5);
    }

    /// <summary>Closed or open lines of a path of M, L, C and Z; curves as short straight pieces.</summary>
    private static List<List<(double X, double Y)>> Outlines(string path)
    {
        List<List<(double X, double Y)>> outlines = [];
        foreach (var (letter, numbers) in Commands(path))
        {
            if (letter == 'M')
                outlines.Add([(numbers[0], numbers[1])]);
            else if (letter == 'L')
                outlines[^1].Add((numbers[0], numbers[1]));
            else if (letter == 'C')
                outlines[^1].AddRange(Curve(outlines[^1][^1], numbers));
        }
        return outlines;
    }

    private static IEnumerable<(double X, double Y)> Curve((double X, double Y) start, double[] n) =>
        from i in Enumerable.Range(1, Pieces)
        let t = (double)i / Pieces
        let s = 1 - t
        select (
            s * s * s * start.X + 3 * s * s * t * n[0] + 3 * s * t * t * n[2] + t * t * t * n[4],
            s * s * s * start.Y + 3 * s * s * t * n[1] + 3 * s * t * t * n[3] + t * t * t * n[5]
        );

    private static IEnumerable<(char Letter, double[] Numbers)> Commands(string path)
    {
        for (var i = 0; i < path.Length; )
        {
            var end = path.AsSpan(i + 1).IndexOfAny("MLCZ") is var next && next < 0 ? path.Length : i + 1 + next;
            yield return (path[i], Numbers(path[(i + 1)..end]));
            i = end;
        }
    }

    private static double[] Numbers(string text) =>
        [
            .. text.Split([' ', 'M', 'L', 'C', 'Z', 'h'], StringSplitOptions.RemoveEmptyEntries)
                .Select(number => double.Parse(number, CultureInfo.InvariantCulture)),
        ];

    private static bool Holds(List<List<(double X, double Y)>> outlines, (double X, double Y) at)
    {
        var inside = false;
        foreach (var outline in outlines)
        {
            for (var (i, j) = (0, outline.Count - 1); i < outline.Count; j = i++)
            {
                var (a, b) = (outline[i], outline[j]);
                if (a.Y > at.Y != b.Y > at.Y && at.X < (b.X - a.X) * (at.Y - a.Y) / (b.Y - a.Y) + a.X)
                    inside = !inside;
            }
        }
        return inside;
    }
}
