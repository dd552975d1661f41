using System.Globalization;
using Gyre.Lab.Curvature;
using Gyre.Lab.Dynamics;
using Gyre.Lab.Measuring;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Running;
using Gyre.Lab.Specs;
using Gyre.Lab.Statistics;
using MathNet.Numerics.LinearAlgebra;
using static TorchSharp.torch;

namespace Gyre.Lab.Coverage;

/// <summary>
/// A real run, through the usual training loop, in which every measurement is compared with the truth at its theta.
/// Memory: the true eigenvectors of all measured steps.
/// </summary>
internal sealed class CoverageRun : IDisposable
{
    private const double Slack = 1e-6; // of an overlap or a cosine: what float64 leaves between two solves
    private const double SlackDegrees = 1e-4; // the truth's own angle error

    private readonly RunSpec _spec;
    private readonly TruthSolver _truth;
    private readonly Dictionary<long, Tensor> _vectors = [];
    private readonly List<CurvatureRecord> _true = [];
    private CoverageTally _tally = new();

    private CoverageRun(RunSpec spec) => (_spec, _truth) = (spec, new TruthSolver(spec));

    /// <summary>Performs the run and compares its measurements with the truth.</summary>
    /// <param name="spec">The run's spec; its operator must be the Hessian at the iterate.</param>
    /// <param name="folder">The run folder; it is created, and the caller deletes it.</param>
    /// <param name="time">The clock for the run's records.</param>
    public static CoverageTally Judge(RunSpec spec, string folder, TimeProvider time)
    {
        var here = RunEngine.Begin(spec);
        using var judge = new CoverageRun(here);
        Run.Observe(here, new RunFolder(folder), time, judge.Take);
        return judge.WithWritten(RunReader.Open(folder));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var vectors in _vectors.Values)
            vectors.Dispose();
        _truth.Dispose();
    }

    private void Take(MeasuredPoint point, CurvatureRecord record, Tensor found)
    {
        using var scope = NewDisposeScope();
        var truth = _truth.Solve(point, record.Eigenvalues.Length, record.LambdaMinConverged == true);
        if (!truth.Converged)
            throw new InvalidOperationException(
                $"The truth at step {record.Step} did not converge: {string.Join(", ", truth.Values)}."
            );
        _vectors[record.Step] = truth.Vectors.clone().DetachFromDisposeScope();
        _true.Add(TrueRecord(record, truth));
        _tally = Judged(
            Compared(_tally, record, truth, EigenvectorShape.Gram(truth.Vectors, found.to(ScalarType.Float64))),
            record
        );
    }

    /// <summary>Checks eigenvalues, eigenvectors, the block and lambda_min.</summary>
    private static CoverageTally Compared(CoverageTally tally, CurvatureRecord record, Truth truth, double[,] gram)
    {
        var slack = 1e-12 * Math.Abs(truth.Values[0]); // float64's own rounding
        var next = tally with
        {
            Measurements = tally.Measurements + 1,
            Products = tally.Products + record.Products,
            Kinks = tally.Kinks + (truth.Kink ? 1 : 0),
            Rounding = truth.Kink ? tally.Rounding : Math.Max(tally.Rounding, truth.Rounding),
        };
        for (var i = 0; i < truth.Values.Length; i++)
        {
            var degrees = Degrees(gram[i, i]);
            next = record.AngleErrorsDegrees[i] is { } bar
                ? WithVector(next, degrees, bar)
                : next with
                {
                    Unresolved = next.Unresolved + 1,
                };
            var missed = Math.Abs(record.Eigenvalues[i] - truth.Values[i]) > record.Residuals[i] + slack;
            next = next with { Values = next.Values.With(missed) };
            if (missed || degrees > record.AngleErrorsDegrees[i] + SlackDegrees)
                next = next with { Failures = [.. next.Failures, Failure(record, truth, i, degrees)] };
        }
        if (record.BlockAngleErrorDegrees is { } block)
            next = next with
            {
                Blocks = next.Blocks.With(
                    Degrees(Matrix<double>.Build.DenseOfArray(gram).Svd(false).S.Min()) > block + SlackDegrees
                ),
            };
        if (record.LambdaMinConverged == false)
            return next with { BottomsOpen = next.BottomsOpen + 1 };
        return truth.LambdaMin is { } lowest ? WithBottom(next, record, lowest, slack) : next;
    }

    private static CoverageTally WithBottom(CoverageTally tally, CurvatureRecord record, double lowest, double slack)
    {
        var missed = Math.Abs(record.LambdaMin - lowest) > record.LambdaMinError + slack;
        var next = tally with { Bottoms = tally.Bottoms.With(missed) };
        return missed
            ? next with
            {
                Failures =
                [
                    .. next.Failures,
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"step {record.Step}: lambda_min {NumberText.Format(record.LambdaMin)} ± "
                            + $"{NumberText.Format(record.LambdaMinError, 2)}, true {NumberText.Format(lowest)}"
                    ),
                ],
            }
            : next;
    }

    private static string Failure(CurvatureRecord record, Truth truth, int i, double degrees)
    {
        var values = truth.Values.Select(value => NumberText.Format(value, 6));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"step {record.Step} (burst {record.Burst}, {record.Follow ?? "regular"}, "
                + $"{(record.Warm ? "warm" : "cold")}): v{i + 1} {NumberText.Fixed(degrees, 2)} degrees off, bar "
                + $"{NumberText.Format(record.AngleErrorsDegrees[i], 3)}; lambda {NumberText.Format(record.Eigenvalues[i], 6)} ± "
                + $"{NumberText.Format(record.Residuals[i], 2)}, true "
                + $"{string.Join(' ', values)}"
        );
    }

    private static CoverageTally WithVector(CoverageTally tally, double degrees, double bar)
    {
        var over = Math.Max(0, degrees - SlackDegrees) / bar;
        return tally with
        {
            Vectors = tally.Vectors.With(over > 1),
            FarOutside = tally.FarOutside + (over > 3 ? 1 : 0),
            Worst = Math.Max(tally.Worst, over),
        };
    }

    private CoverageTally Judged(CoverageTally tally, CurvatureRecord record)
    {
        var truth = _true[^1];
        (RotationRecord?, RotationRecord?)[] pairs =
        [
            (record.Flip, truth.Flip),
            (record.DriftPerBounce, truth.DriftPerBounce),
            (record.Drift, truth.Drift),
        ];
        return tally with
        {
            Intervals = pairs.Aggregate(tally.Intervals, (share, pair) => Holding(share, pair.Item1, pair.Item2)),
        };
    }

    private static Share Holding(Share share, RotationRecord? found, RotationRecord? exact) =>
        found is null || exact is null
            ? share
            : share.With(exact.Overlap < found.OverlapLow - Slack || exact.Overlap > found.OverlapHigh + Slack);

    /// <summary>Returns the record with the true values in place of the measured ones.</summary>
    private CurvatureRecord TrueRecord(CurvatureRecord record, Truth truth) =>
        record with
        {
            Sharpness = truth.Values[0],
            Eigenvalues = truth.Values,
            Flip = Exact(record.Flip, record.Step),
            DriftPerBounce = Exact(record.DriftPerBounce, record.Step),
            Drift = Exact(record.Drift, record.Step),
            Across = null,
            Resolve = null,
        };

    private RotationRecord? Exact(RotationRecord? found, long step)
    {
        if (found is null || !_vectors.TryGetValue(step - found.Lag, out var earlier))
            return null;
        var later = _vectors[step];
        var exact = new VectorErrors(new double?[later.shape[0]], 0);
        var rotation = Rotation.Between(EigenvectorShape.Gram(earlier, later), exact, exact, found.Lag, later.shape[1]);
        return found with
        {
            Overlap = rotation.Overlap,
            Rotation = rotation.Amount,
            OverlapLow = rotation.Overlap,
            OverlapHigh = rotation.Overlap,
        };
    }

    /// <summary>
    /// Adds the checks that need the written run: rotations across instabilities, and mean rotations of the summary
    /// compared with those of the true records.
    /// </summary>
    private CoverageTally WithWritten(RunReader run)
    {
        var (steps, measured) = (run.ReadSteps(), run.ReadCurvature());
        SummaryRecord Summarize(IReadOnlyList<CurvatureRecord> curvature) =>
            RunSummary.Create(_spec, steps, curvature, null, _vectors.First().Value.shape[1], _spec.Data.Samples);
        var (found, exact) = (Summarize(measured), Summarize(_true));
        (RotationSummary?, RotationSummary?)[] means =
        [
            (found.Flip, exact.Flip),
            (found.DriftPerBounce, exact.DriftPerBounce),
            (found.Drift, exact.Drift),
        ];
        return _tally with
        {
            Across = measured.Aggregate(
                new Share(),
                (share, record) => Holding(share, record.Across, Exact(record.Across, record.Step))
            ),
            Summaries = means.Aggregate(new Share(), (share, pair) => Holding(share, pair.Item1, pair.Item2)),
        };
    }

    private static Share Holding(Share share, RotationSummary? found, RotationSummary? exact) =>
        found is null || exact is null
            ? share
            : share.With(exact.Mean < found.Low - Slack || exact.Mean > found.High + Slack);

    private static double Degrees(double cosine) => Math.Acos(Math.Min(1, Math.Abs(cosine))) * 180 / Math.PI;
}
