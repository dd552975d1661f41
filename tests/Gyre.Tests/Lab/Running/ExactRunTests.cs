using Gyre.Lab.Dynamics;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Running;
using Gyre.Lab.Specs;
using Gyre.Lab.Theory;
using Gyre.Tests.TestKit;
using Gyre.Torch;
using static TorchSharp.torch;

namespace Gyre.Tests.Lab.Running;

/// <summary>
/// The instrument end to end: a measured run of a diagonal linear network, through data, model, autograd, Lanczos,
/// rotation, detector and files, against
/// the closed forms of Gyre.Lab.Theory. Every step is measured (bursts of three, every three steps), one pair.
/// </summary>
public class ExactRunTests
{
    /// <summary>
    /// Depth, targets, start, eta: an instability that resolves, depth 1 (nothing turns), three and five factors, two
    /// units, a descent that stays on the period-2 orbit, one that diverges.
    /// </summary>
    public static TheoryData<int, double[], double[], double> Cases =>
        new()
        {
            { 2, [1], [3.01, 0.299], 0.261 },
            { 2, [1], [2.5, 0.45], 0.33 },
            { 1, [1], [3], 1.9 },
            { 3, [1], [1.9, 0.7, 0.7], 0.16 },
            { 3, [1, 0.5], [1.9, 1.2, 0.7, 0.6, 0.65, 0.5], 0.2 },
            { 5, [1], [1.6, 0.9, 0.85, 0.8, 0.95], 0.2 },
            { 2, [1], [1.1, 0.8], 1.1 },
            { 2, [1], [3, 0.3], 0.5 },
        };

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_float64_run_agrees_with_the_closed_forms_to_nine_digits(
        int depth,
        double[] targets,
        double[] start,
        double eta
    ) => AssertAgrees(depth, targets, start, eta, "float64", 1e-9);

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_float32_run_agrees_to_four(int depth, double[] targets, double[] start, double eta) =>
        AssertAgrees(depth, targets, start, eta, "float32", 1e-4);

    private static void AssertAgrees(
        int depth,
        double[] targets,
        double[] start,
        double eta,
        string dtype,
        double tolerance
    )
    {
        using var folder = new TemporaryFolder();
        var (run, exact) = (Measured(folder, depth, targets, start, eta, dtype), Exact(depth, targets, start, eta));
        var deviations = new Deviations(tolerance);
        if (exact.Outcome.Kind != OutcomeKind.Diverged) // whose last step depends on the largest number of the dtype
            Assert.Equal(exact.Points.Count, run.ReadSteps().Count);
        foreach (
            var (record, point) in run.ReadSteps()
                .Zip(exact.Points)
                .TakeWhile(pair => pair.Second.Loss < 1e6 * exact.Points[0].Loss)
        )
        {
            deviations.Add($"loss at {point.Step}", record.Loss, point.Loss, exact.Points[0].Loss);
            deviations.Add(
                $"gradient norm at {point.Step}",
                record.GradientNorm,
                Norm(exact.Network.Gradient(point.Theta)),
                1
            );
        }
        var points = exact.Points.ToDictionary(point => point.Step);
        foreach (
            var record in run.ReadCurvature().Where(record => points[record.Step].Loss < 1e6 * exact.Points[0].Loss)
        )
            Compare(record, points, exact.Network, deviations);
        AssertSameCycles(run.ReadSummary()!, exact, deviations);
        AssertSameVectors(run, points, exact.Network, deviations);
        deviations.Report();
    }

    private static void Compare(
        CurvatureRecord record,
        Dictionary<long, ExactPoint> points,
        DiagonalLinearNetwork network,
        Deviations deviations
    )
    {
        var point = points[record.Step];
        var leading = point.Pairs[0];
        deviations.Add($"sharpness at {record.Step}", record.Sharpness, point.Sharpness, point.Sharpness);
        deviations.Add($"eigenvalue at {record.Step}", record.Eigenvalues[0], point.Sharpness, point.Sharpness);
        var apart = point.Pairs.Count == 1 || point.Sharpness - point.Pairs[1].Value > 0.01 * point.Sharpness;
        if (!apart)
            return; // a nearly double eigenvalue has no vector to agree on
        deviations.Add(
            $"participation ratio at {record.Step}",
            record.ParticipationRatios[0],
            leading.Vector.Sum(entry => Math.Pow(entry, 4)),
            1
        );
        var gradient = network.Gradient(point.Theta);
        if (Norm(gradient) > 1e-2)
            deviations.Add(
                $"gradient alignment at {record.Step}",
                record.GradientAlignment,
                Math.Pow(Inner(gradient, leading.Vector) / Norm(gradient), 2),
                1
            );
        if (record.SelfStabilisation is { } found)
            Compare(found, point, network, record, deviations);
        if (record.Flip is { } flip)
            deviations.Add($"flip at {record.Step}", flip.Rotation, point.Flip, 1);
        if (record.DriftPerBounce is { } bounce)
            deviations.Add($"drift per bounce at {record.Step}", bounce.Rotation, point.DriftPerBounce, 1);
        if (record.Drift is { } drift)
            deviations.Add(
                $"drift at {record.Step}",
                drift.Rotation,
                1 - Math.Pow(Inner(leading.Vector, points[record.Step - drift.Lag].Pairs[0].Vector), 2),
                1
            );
    }

    private static void Compare(
        StabilizationRecord found,
        ExactPoint point,
        DiagonalLinearNetwork network,
        CurvatureRecord record,
        Deviations deviations
    )
    {
        var (u, gradient) = (point.Pairs[0].Vector, network.Gradient(point.Theta));
        double[] slope =
        [
            .. Enumerable
                .Range(0, network.Dimension)
                .Select(j =>
                    DiagonalSpectrum.SharpnessSlope(
                        network,
                        point.Theta,
                        [.. Enumerable.Range(0, network.Dimension).Select(i => i == j ? 1.0 : 0)]
                    )
                ),
        ];
        var x = Inner(u, gradient) / point.Sharpness;
        var bottom = network.Gradient([.. point.Theta.Zip(u, (at, along) => at - x * along)]);
        var exact = SelfStabilization.Compute(
            point.Sharpness,
            record.Threshold,
            Inner(u, gradient),
            Inner(u, slope),
            Inner(slope, slope),
            Inner(gradient, slope),
            Inner(u, bottom),
            Inner(bottom, slope)
        );
        var scale = Math.Max(1, Inner(slope, slope));
        deviations.Add($"displacement at {record.Step}", Math.Abs(found.Displacement), Math.Abs(exact.Displacement), 1);
        deviations.Add($"distance at {record.Step}", found.Distance, exact.Distance, point.Sharpness);
        deviations.Add($"descent at {record.Step}", found.Descent, exact.Descent, scale);
        deviations.Add($"alpha at {record.Step}", found.Alpha, exact.Alpha, scale);
        deviations.Add($"beta at {record.Step}", found.Beta, exact.Beta, scale);
        deviations.Add($"drive at {record.Step}", found.Drive, exact.Drive, scale);
    }

    private static void AssertSameCycles(SummaryRecord summary, ExactDescent exact, Deviations deviations)
    {
        Assert.Equal(exact.Outcome.Name, summary.Outcome);
        if (exact.Outcome.Kind == OutcomeKind.Diverged)
            return; // its peak is wherever numbers end
        Assert.Equal(
            exact.Cycles.Select(cycle => (cycle.Number, cycle.Onset, cycle.PeakStep, cycle.Resolution)),
            summary.Cycles.Select(cycle => (cycle.Number, cycle.Onset, cycle.PeakStep, cycle.Resolution))
        );
        foreach (var (cycle, measured) in exact.Cycles.Zip(summary.Cycles))
        {
            deviations.Add($"peak of {cycle.Number}", measured.PeakSharpness, cycle.PeakSharpness, cycle.PeakSharpness);
            deviations.Add($"peak loss of {cycle.Number}", measured.PeakLoss, cycle.PeakLoss, cycle.PeakLoss);
        }
        Assert.Equal((exact.Network.Dimension, 1L), (summary.Parameters, summary.Samples));
        deviations.Add("edge units", summary.EdgeUnits, exact.LearningRate * exact.Points[0].Sharpness / 2, 1);
    }

    /// <summary>The eigenvectors in the run folder, sign apart.</summary>
    private static void AssertSameVectors(
        RunReader run,
        Dictionary<long, ExactPoint> points,
        DiagonalLinearNetwork network,
        Deviations deviations
    )
    {
        foreach (var file in Directory.GetFiles(run.Folder.Eigenvectors))
        {
            var step = long.Parse(
                Path.GetFileNameWithoutExtension(file)["step-".Length..],
                System.Globalization.CultureInfo.InvariantCulture
            );
            using var scope = NewDisposeScope();
            var vector = Safetensors.Read(file).Tensors["vectors"].to(ScalarType.Float64)[0].data<double>().ToArray();
            var exact = points[step].Pairs[0].Vector;
            if (
                network.Dimension > 1
                && points[step].Sharpness - points[step].Pairs[1].Value <= 0.01 * points[step].Sharpness
            )
                continue;
            var sign = Math.Sign(Inner(vector, exact));
            for (var j = 0; j < exact.Length; j++)
                deviations.Add($"v1[{j}] at {step}", sign * vector[j], exact[j], 1);
        }
    }

    private static RunReader Measured(
        TemporaryFolder folder,
        int depth,
        double[] targets,
        double[] start,
        double eta,
        string dtype
    )
    {
        string List(double[] numbers) =>
            $"[{string.Join(", ", numbers.Select(number => FormattableString.Invariant($"{number:0.0###}")))}]";
        var spec = SpecReader.Read(
            "diagonal",
            [
                $"dtype={dtype}",
                $"model.depth={depth}",
                $"data.targets={List(targets)}",
                $"model.start={List(start)}",
                FormattableString.Invariant($"training.learning_rate={eta}"),
                "training.steps=60",
                "threads=1",
                "curvature.self_stabilisation=true",
                dtype == "float64" ? "curvature.angle_tolerance=1e-8" : "curvature.angle_tolerance=0.001",
            ]
        );
        Assert.Equal(
            RunEnd.Done,
            Run.Execute(spec, new RunFolder(folder["run"]), "test", TimeProvider.System, CancellationToken.None)
        );
        return RunReader.Open(folder["run"]);
    }

    private static ExactDescent Exact(int depth, double[] targets, double[] start, double eta) =>
        ExactDescent.Follow(new DiagonalLinearNetwork(depth, targets), start, eta, 60);

    private static double Norm(double[] vector) => Math.Sqrt(Inner(vector, vector));

    private static double Inner(double[] a, double[] b) => a.Zip(b, (one, other) => one * other).Sum();

    /// <summary>
    /// The largest deviation over everything compared, relative to a scale of each quantity; all that are too large are
    /// named.
    /// </summary>
    private sealed class Deviations(double tolerance)
    {
        private readonly List<(string What, double Size)> _all = [];

        public void Add(string what, double measured, double exact, double scale) =>
            _all.Add((what, Relative(measured, exact, scale)));

        private static double Relative(double measured, double exact, double scale)
        {
            if (double.IsFinite(exact))
                return Math.Abs(measured - exact) / Math.Max(Math.Abs(scale), Math.Abs(exact));
            return double.IsFinite(measured) ? double.PositiveInfinity : 0;
        }

        public void Report()
        {
            var (what, size) = _all.MaxBy(one => one.Size);
            TestContext.Current.TestOutputHelper?.WriteLine(
                FormattableString.Invariant($"{_all.Count} numbers, largest deviation {size:0.0e+0} ({what})")
            );
            Assert.True(_all.Count > 20);
            Assert.Empty(_all.Where(one => !(one.Size <= tolerance)).Select(one => $"{one.What}: {one.Size}"));
        }
    }
}
