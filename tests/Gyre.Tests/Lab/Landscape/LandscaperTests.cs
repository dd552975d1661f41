using System.Globalization;
using Gyre.Lab.Landscape;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Running;
using Gyre.Lab.Specs;
using Gyre.Lab.Theory;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.Lab.Landscape;

/// <summary>
/// Diagonal linear networks of three parameters, whose loss, descent and eigenvectors Gyre.Lab.Theory knows exactly: a
/// plane is not all of their space, so shadows and distances count.
/// </summary>
public sealed class LandscaperTests : IDisposable
{
    private const double Eta = 0.4; // unstable: it bounces, and drifts to where it is stable
    private const int Steps = 24;
    private static readonly double[] Start = [2.4, 0.9, 0.6];
    private static readonly LandscapeOptions Small = new()
    {
        Step = 6,
        Window = 5,
        Grid = 4,
        Line = 7,
    };
    private static readonly DiagonalLinearNetwork Network = new(3, [1]);
    private static readonly ExactDescent Exact = ExactDescent.Follow(Network, Start, Eta, Steps);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Losses_on_lines_and_on_the_plane_of_eigenvectors_are_the_closed_forms()
    {
        var run = Trained();
        var before = TorchSharp.torch.Tensor.TotalCount;
        var record = Draw(run, Small, "out");
        // the network's one parameter, which TorchSharp counts twice and takes off once
        Assert.Equal(1, TorchSharp.torch.Tensor.TotalCount - before);
        var point = Exact.Points[6];
        double[][] basis = [Along(point, 0), Along(point, 1)];

        Assert.Equal(point.Loss, record.Loss, 1e-12);
        Assert.Equal(0, record.Replay.LargestDifference);
        Assert.Equal(point.Pairs[0].Value, record.Eigenvalues[0], 1e-9);
        Assert.Equal(point.Pairs[1].Value, record.Eigenvalues[1], 1e-9);
        Assert.Equal(
            ["line-v1", "line-gradient", "plane-v1-v2", "plane-pc1-pc2"],
            record.Grid.Slices.Select(slice => slice.Name)
        );
        var points = new LandscapeFolder(_folder["out"]).Points();
        Assert.Equal(7 + 7 + 16 + 16, points.Count);
        double[] gradient = Network.Gradient(point.Theta);
        double[] unit = [.. gradient.Select(entry => entry / Norm(gradient))];
        foreach (
            var (name, directions) in new[]
            {
                ("line-v1", basis[..1]),
                ("line-gradient", [unit]),
                ("plane-v1-v2", basis),
            }
        )
        {
            var slice = record.Grid.Slices.Single(one => one.Name == name);
            foreach (var one in points.Where(one => one.Slice == name))
            {
                double[] place =
                [
                    .. slice.Axes.Select(
                        (axis, i) =>
                            axis.Low
                            + (axis.High - axis.Low)
                                * (i == 0 ? one.Number % axis.Points : one.Number / axis.Points)
                                / (axis.Points - 1)
                    ),
                ];
                Assert.Equal(Network.Loss(At(point.Theta, directions, place)), one.Loss, 1e-9);
            }
        }
        var line = record.Grid.Slices[1].Axes[0];
        Assert.Equal(Norm(gradient), line.Slope!.Value, 1e-10);
        Assert.Equal(Bilinear(Network.Hessian(point.Theta), unit), line.Curvature!.Value, 1e-9);
    }

    [Fact]
    public void Iterates_lie_where_the_exact_descent_has_them_and_as_far_off_the_plane()
    {
        var record = Draw(Trained(), Small, "out");
        var origin = Exact.Points[6];
        double[][] basis = [Along(origin, 0), Along(origin, 1)];
        var iterates = record.Iterates["plane-v1-v2"];

        Assert.Equal(Enumerable.Range(1, 11).Select(step => (long)step), iterates.Select(iterate => iterate.Step));
        Assert.True(iterates.Max(iterate => iterate.Distance) > 0.001); // else the plane would be all that there is
        foreach (var iterate in iterates)
        {
            var exact = Exact.Points[(int)iterate.Step];
            double[] apart = [.. exact.Theta.Zip(origin.Theta, (one, other) => one - other)];
            double[] place = [Inner(apart, basis[0]), Inner(apart, basis[1])];
            var shadow = At(origin.Theta, basis, place);
            Assert.Equal(place[0], iterate.Place[0], 1e-8);
            Assert.Equal(place[1], iterate.Place[1], 1e-8);
            Assert.Equal(Norm([.. exact.Theta.Zip(shadow, (one, other) => one - other)]), iterate.Distance, 1e-8);
            Assert.Equal(exact.Loss, iterate.Loss, 1e-11);
            Assert.Equal(Network.Loss(shadow), iterate.ShadowLoss, 1e-8);
        }
        foreach (var axis in record.Grid.Slices.Single(slice => slice.Name == "plane-v1-v2").Axes.Index())
            Assert.All(iterates, iterate => Assert.InRange(iterate.Place[axis.Index], axis.Item.Low, axis.Item.High));
    }

    [Fact]
    public void A_call_that_was_stopped_goes_on_and_ends_with_the_same_bytes()
    {
        var run = Trained();
        Draw(run, Small, "whole");
        using var stop = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() =>
            Draw(
                run,
                Small,
                "cut",
                (done, _) =>
                {
                    if (done == 17)
                        stop.Cancel();
                },
                stop.Token
            )
        );
        Assert.Equal(17, File.ReadAllLines(Path.Combine(_folder["cut"], "points.jsonl")).Length);
        // What was not written in its place is not taken for a loss, and neither is a line that a killed process left
        // torn.
        File.AppendAllText(
            Path.Combine(_folder["cut"], "points.jsonl"),
            "{\"slice\":\"plane-v1-v2\",\"number\":9,\"loss\":1}\nrubbish\n{\"slice\":\"plane-v1-"
        );

        var told = new List<long>();
        Draw(run, Small, "cut", (done, _) => told.Add(done));

        Assert.Equal(Enumerable.Range(18, 46 - 17).Select(done => (long)done), told);
        foreach (var file in new[] { "grid.json", "points.jsonl", "landscape.json" })
            Assert.Equal(
                File.ReadAllText(Path.Combine(_folder["whole"], file)),
                File.ReadAllText(Path.Combine(_folder["cut"], file))
            );
    }

    [Fact]
    public void Losses_of_another_grid_are_begun_again_and_said_to_be()
    {
        var run = Trained();
        Draw(run, Small, "out");
        var said = new List<string>();
        Landscaper.Draw(
            run,
            Small with
            {
                Line = 9,
            },
            new LandscapeFolder(_folder["out"]),
            said.Add,
            (_, _) => { },
            CancellationToken.None
        );

        Assert.Contains(said, text => text.Contains("46 losses of another grid", StringComparison.Ordinal));
        Assert.Equal(9 + 9 + 16 + 16, new LandscapeFolder(_folder["out"]).Points().Count);
    }

    [Fact]
    public void A_checkpoint_before_the_window_shortens_the_way_and_changes_nothing()
    {
        var run = Trained("run.checkpoint_every=4", "run.keep_checkpoints=9");
        var options = Small with { Step = 14, Window = 3 };
        var near = Draw(run, options, "near");
        Directory.Delete(run.Folder.Checkpoints, recursive: true);
        var far = Draw(run, options, "far");

        Assert.Equal((8L, 10), (near.Replay.From, near.Replay.Compared)); // steps 8 to 17
        Assert.Equal((0L, 18), (far.Replay.From, far.Replay.Compared));
        Assert.Equal(
            File.ReadAllText(Path.Combine(_folder["far"], "points.jsonl")),
            File.ReadAllText(Path.Combine(_folder["near"], "points.jsonl"))
        );
    }

    [Fact]
    public void A_trajectory_that_is_not_the_runs_own_is_refused_and_so_is_a_step_it_lacks()
    {
        var run = Trained();
        var loss = run.ReadSteps()[3].Loss;
        string Text(double number) => number.ToString(CultureInfo.InvariantCulture);
        File.WriteAllText(
            run.Folder.Steps,
            File.ReadAllText(run.Folder.Steps).Replace(Text(loss), Text(loss * (1 + 1e-6)), StringComparison.Ordinal)
        );

        var refused = Assert.Throws<LandscapeException>(() => Draw(run, Small, "out"));
        Assert.Contains("at step 3", refused.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder["out"]));
        Assert.Contains(
            "0 to 24",
            Assert.Throws<LandscapeException>(() => Draw(run, Small with { Step = 25 }, "out")).Message,
            StringComparison.Ordinal
        );
        Assert.Equal(
            Exact.Points.Take(Steps + 1).MaxBy(point => point.Sharpness)!.Step,
            Landscaper.StepOf(run, new LandscapeOptions())
        );
    }

    private RunReader Trained(params string[] sets)
    {
        var spec = SpecReader.Read(
            "diagonal",
            [
                "model.depth=3",
                "model.start=[2.4, 0.9, 0.6]",
                FormattableString.Invariant($"training.learning_rate={Eta}"),
                FormattableString.Invariant($"training.steps={Steps}"),
                "threads=1",
                .. sets,
            ]
        );
        Assert.Equal(
            RunEnd.Done,
            Run.Execute(spec, new RunFolder(_folder["run"]), "test", TimeProvider.System, CancellationToken.None)
        );
        return RunReader.Open(_folder["run"]);
    }

    private LandscapeRecord Draw(
        RunReader run,
        LandscapeOptions options,
        string name,
        Action<long, long>? progress = null,
        CancellationToken stop = default
    ) => Landscaper.Draw(run, options, new LandscapeFolder(_folder[name]), _ => { }, progress ?? ((_, _) => { }), stop);

    /// <summary>An exact eigenvector, its sign such that the gradient does not point against it.</summary>
    private static double[] Along(ExactPoint point, int pair)
    {
        var vector = point.Pairs[pair].Vector;
        return Inner(vector, Network.Gradient(point.Theta)) < 0 ? [.. vector.Select(entry => -entry)] : vector;
    }

    private static double[] At(double[] origin, double[][] directions, double[] place) =>
        [
            .. origin.Select(
                (entry, j) => entry + directions.Select((direction, axis) => direction[j] * place[axis]).Sum()
            ),
        ];

    private static double Bilinear(double[,] matrix, double[] vector) =>
        (
            from i in Enumerable.Range(0, vector.Length)
            from j in Enumerable.Range(0, vector.Length)
            select vector[i] * matrix[i, j] * vector[j]
        ).Sum();

    private static double Norm(double[] vector) => Math.Sqrt(Inner(vector, vector));

    private static double Inner(double[] a, double[] b) => a.Zip(b, (one, other) => one * other).Sum();
}
