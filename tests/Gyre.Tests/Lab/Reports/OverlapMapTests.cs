using Gyre.Lab.Figures;
using Gyre.Lab.RunFiles;
using Gyre.Tests.TestKit;
using Gyre.Torch;
using static TorchSharp.torch;

namespace Gyre.Tests.Lab.Reports;

public sealed class OverlapMapTests
{
    [Fact]
    public void Vectors_turned_by_known_angles_have_the_overlap_of_those_angles()
    {
        using var folder = new TemporaryFolder();
        var run = new RunFolder(folder.Path);
        double[] degrees = [0, 30, 60, 90];
        for (var i = 0; i < degrees.Length; i++)
        {
            // Two vectors in five dimensions: the first turns by the angle in the plane of axes 0 and 2, the second
            // stays on axis 1.
            var angle = degrees[i] * Math.PI / 180;
            Write(
                run,
                10 * i,
                [
                    [(float)Math.Cos(angle), 0, (float)Math.Sin(angle), 0, 0],
                    [0, 1, 0, 0, 0],
                ],
                "whole"
            );
        }

        var map = OverlapMap.TryRead(run)!;

        Assert.Equal([0, 10, 20, 30], map.Steps);
        Assert.False(map.Sketched);
        for (var i = 0; i < degrees.Length; i++)
        {
            for (var j = 0; j < degrees.Length; j++)
                Assert.Equal(
                    (Math.Pow(Math.Cos((degrees[i] - degrees[j]) * Math.PI / 180), 2) + 1) / 2,
                    map.Values[i, j],
                    6
                );
        }
    }

    [Fact]
    public void Random_spaces_agree_with_the_singular_values_of_their_product()
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        using var generator = new Generator(7);
        var run = new RunFolder(folder.Path);
        Directory.CreateDirectory(run.Eigenvectors);
        var blocks = Enumerable
            .Range(0, 3)
            .Select(_ => linalg.qr(randn([40, 4], dtype: ScalarType.Float64, generator: generator)).Q.t().contiguous())
            .ToArray();
        for (var i = 0; i < blocks.Length; i++)
            Safetensors.Write(
                Path.Combine(run.Eigenvectors, $"step-{i:D6}.safetensors"),
                new Dictionary<string, Tensor> { ["vectors"] = blocks[i] },
                new Dictionary<string, string> { ["kind"] = "whole" }
            );

        var map = OverlapMap.TryRead(run)!;

        for (var i = 0; i < 3; i++)
        {
            for (var j = 0; j < 3; j++)
                Assert.Equal(
                    linalg.svdvals(blocks[i].mm(blocks[j].t())).square().mean().item<double>(),
                    map.Values[i, j],
                    5
                );
        }
    }

    [Fact]
    public void Overlaps_of_sketches_are_those_of_the_vectors_within_a_hundredth_and_of_a_space_with_itself_1()
    {
        const int Dimension = 20_000,
            Pairs = 4,
            Spaces = 6;
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        using var generator = new Generator(3);
        using var sketch = new Gyre.Lab.Curvature.CountSketch(Dimension, 4096, 5, ScalarType.Float32, CPU);
        var run = new RunFolder(folder.Path);
        Directory.CreateDirectory(run.Eigenvectors);
        // Spaces that turn away from the first by and by: overlaps from 0 to 1.
        var (start, other) = (
            randn([Dimension, Pairs], generator: generator),
            randn([Dimension, Pairs], generator: generator)
        );
        var vectors = Enumerable
            .Range(0, Spaces)
            .Select(i => linalg.qr(start * (1 - 0.2 * i) + other * (0.2 * i)).Q.t().contiguous())
            .ToArray();
        for (var i = 0; i < Spaces; i++)
            Safetensors.Write(
                Path.Combine(run.Eigenvectors, $"step-{i:D6}.safetensors"),
                new Dictionary<string, Tensor> { ["vectors"] = sketch.Apply(vectors[i]) },
                new Dictionary<string, string> { ["kind"] = "count_sketch" }
            );

        var map = OverlapMap.TryRead(run)!;

        for (var i = 0; i < Spaces; i++)
        {
            Assert.Equal(1, map.Values[i, i]);
            for (var j = 0; j < i; j++)
                Assert.Equal(
                    linalg.svdvals(vectors[i].mm(vectors[j].t())).square().mean().item<float>(),
                    map.Values[i, j],
                    0.02
                );
        }
        Assert.InRange(map.Values[0, Spaces - 1], 0, 0.1);
    }

    [Fact]
    public void A_row_in_the_space_of_those_before_it_adds_nothing()
    {
        var made = OverlapMap.Orthonormal([3, 4, 0, 6, 8, 0, 1, 0, 2], 3);
        float[] expected = [0.6f, 0.8f, 0, 0, 0, 0];
        foreach (var (one, value) in made.Zip(expected))
            Assert.Equal(value, one, 1e-5f);
        Assert.Equal(1, made[6] * made[6] + made[7] * made[7] + made[8] * made[8], 1e-5);
    }

    [Fact]
    public void Instabilities_are_marked_where_the_axis_has_their_steps()
    {
        var map = new OverlapMap([0, 10, 20, 30], new double[4, 4], false, 4);
        var page = OverlapFigure.Page("a run", "gyre", map, [new InstabilityRecord(1, 10, 12, 5, 1, 1, 20)], 30);
        var marks = page.Panels[0]!.Plot.GetPlottables<ScottPlot.Plottables.Rectangle>().ToArray();

        Assert.Equal((1, 2), (marks[0].X1, marks[0].X2)); // ticks: step 10 at 1, step 20 at 2
        Assert.Equal((1, 2), (marks[1].Y1, marks[1].Y2));
    }

    /// <summary>
    /// A map of ones is a square of the lightest color, equally large for any number of bursts.
    /// </summary>
    [Theory]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(60)]
    public void Every_cell_of_a_map_is_drawn(int bursts)
    {
        var page = OverlapFigure.Page("a run", "gyre", Ones(bursts), [], bursts);
        const double FrameWidth = 2 * (800 / 2 - 74 - 18); // pixels of the PNG, 2 per CSS pixel

        Assert.Equal(Math.Pow(FrameWidth / 1.045, 2), Lightest(page), 0.02 * FrameWidth * FrameWidth);
    }

    private static OverlapMap Ones(int bursts)
    {
        var values = new double[bursts, bursts];
        for (var i = 0; i < bursts * bursts; i++)
            values[i / bursts, i % bursts] = 1;
        return new OverlapMap([.. Enumerable.Range(0, bursts).Select(i => (long)i)], values, false, bursts);
    }

    private static int Lightest(FigurePage page)
    {
        using var picture = SkiaSharp.SKBitmap.Decode(page.ToPng());
        var color = FigurePanel.MapColors.GetColor(1);
        return picture.Pixels.Count(pixel => (pixel.Red, pixel.Green, pixel.Blue) == (color.R, color.G, color.B));
    }

    [Fact]
    public void Of_many_bursts_every_second_is_taken_and_the_page_says_so()
    {
        using var folder = new TemporaryFolder();
        var run = new RunFolder(folder.Path);
        for (var i = 0; i < 301; i++)
            Write(
                run,
                i,
                [
                    [1, 0],
                ],
                "count_sketch"
            );

        var map = OverlapMap.TryRead(run)!;

        Assert.Equal(301, map.Kept);
        Assert.Equal(Enumerable.Range(0, 151).Select(i => 2L * i), map.Steps);
        Assert.True(map.Sketched);
        var page = OverlapFigure.Page("a run", "gyre", map, [new InstabilityRecord(1, 10, 12, 5, 1, 1, null)], 301);
        Assert.Contains("151 of 301 bursts", page.Subtitle, StringComparison.Ordinal);
        Assert.Contains("sketches", page.Subtitle, StringComparison.Ordinal);
        SvgPage.NothingOverlaps(page);
        Assert.Equal(
            page.ToSvg(),
            OverlapFigure.Page("a run", "gyre", map, [new InstabilityRecord(1, 10, 12, 5, 1, 1, null)], 301).ToSvg()
        );
    }

    [Fact]
    public void Fewer_than_two_bursts_have_no_map_and_a_damaged_file_is_named()
    {
        using var folder = new TemporaryFolder();
        var run = new RunFolder(folder.Path);
        Assert.Null(OverlapMap.TryRead(run));
        Write(
            run,
            0,
            [
                [1, 0],
            ],
            "whole"
        );
        Assert.Null(OverlapMap.TryRead(run));
        Write(
            run,
            1,
            [
                [1, 0, 0],
            ],
            "whole"
        );
        Assert.Contains(
            "different shapes",
            Assert.Throws<RunFolderException>(() => OverlapMap.TryRead(run)).Message,
            StringComparison.Ordinal
        );
        File.WriteAllText(Path.Combine(run.Eigenvectors, "step-000001.safetensors"), "damaged");
        Assert.Contains(
            "step-000001.safetensors",
            Assert.Throws<RunFolderException>(() => OverlapMap.TryRead(run)).Message,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(15, 1.5)]
    [InlineData(30, 2.5)]
    [InlineData(40, 3)]
    [InlineData(1000, 4)]
    public void A_step_lies_between_the_bursts_about_it(double step, double place) =>
        Assert.Equal(place, OverlapFigure.Place([0, 10, 20, 40], step), 9);

    private static void Write(RunFolder run, long step, float[][] rows, string kind)
    {
        Directory.CreateDirectory(run.Eigenvectors);
        using var vectors = tensor(rows.SelectMany(row => row).ToArray(), [rows.Length, rows[0].Length]);
        Safetensors.Write(
            Path.Combine(run.Eigenvectors, $"step-{step:D6}.safetensors"),
            new Dictionary<string, Tensor> { ["vectors"] = vectors },
            new Dictionary<string, string> { ["kind"] = kind }
        );
    }
}
