using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Gyre.Lab.Dynamics;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Statistics;

namespace Gyre.Lab.Claims;

/// <summary>
/// The numbers of one finished cell, as used by claims and correlations. NaN if a number was not measured.
/// </summary>
internal sealed record CellMeasures
{
    private const int FewestCycles = 3;

    /// <summary>The cell in the plan.</summary>
    public required SweepCellRecord Cell { get; init; }

    /// <summary>Outcome, as in summary.json.</summary>
    public required string Outcome { get; init; }

    /// <summary>The number of instabilities found.</summary>
    public required int Cycles { get; init; }

    /// <summary>The number of instabilities that were resolved.</summary>
    public int Resolved { get; init; }

    /// <summary>Test accuracy at the end, 0 to 1.</summary>
    public required double TestAccuracy { get; init; }

    /// <summary>Training accuracy at the end, 0 to 1.</summary>
    public required double TrainAccuracy { get; init; }

    /// <summary>Training loss at the end, weight decay included.</summary>
    public double TrainLoss { get; init; } = double.NaN;

    /// <summary>Mean loss on the test set at its last evaluation.</summary>
    public double TestLoss { get; init; } = double.NaN;

    /// <summary>S at step 0.</summary>
    public double InitialSharpness { get; init; } = double.NaN;

    /// <summary>
    /// Mean S over the training time of the last fifth. It is that of the Hessian itself, whatever matrix was
    /// followed, so that flatness is comparable.
    /// </summary>
    public required double FinalSharpness { get; init; }

    /// <summary>2/eta at the end.</summary>
    public double FinalThreshold { get; init; } = double.NaN;

    /// <summary>Largest S.</summary>
    public required double PeakSharpness { get; init; }

    /// <summary>
    /// Mean S over the first steps of the regular bursts, which are equally spaced in training time.
    /// </summary>
    public required double MeanSharpness { get; init; }

    /// <summary>Mean rotation at lag 1.</summary>
    public required double Flip { get; init; }

    /// <summary>
    /// Mean rotation at lag 1 over the training time from onset to resolution, each at the low end of its error bar.
    /// </summary>
    public required double FlipUnstableLow { get; init; }

    /// <summary>Mean measured rotation at lag 1 over the training time from onset to resolution.</summary>
    public double FlipUnstable { get; init; } = double.NaN;

    /// <summary>Mean rotation at lag 2 over the training time from onset to resolution.</summary>
    public double DriftPerBounceUnstable { get; init; } = double.NaN;

    /// <summary>Training time from onset to resolution, summed over all instabilities.</summary>
    public double UnstableTime { get; init; } = double.NaN;

    /// <summary>Training time at the end.</summary>
    public double EndTime { get; init; } = double.NaN;

    /// <summary>‖theta‖ at the last measurement.</summary>
    public double ParameterNorm { get; init; } = double.NaN;

    /// <summary>‖theta − theta_0‖ at the last measurement.</summary>
    public double StartDistance { get; init; } = double.NaN;

    /// <summary>‖theta − theta_0‖ at the burst nearest to the fork; 0 if the cell is not a fork.</summary>
    public double ForkDistance { get; init; } = double.NaN;

    /// <summary>
    /// ‖theta − theta_control‖ at the last burst that both runs have at one training time. It exists if the learning
    /// rate was reduced to one that was also run without a reduction (<see cref="Claims.ControlDistance"/>).
    /// </summary>
    public double ControlDistance { get; init; } = double.NaN;

    /// <summary>The first steps of the bursts, with their training times.</summary>
    public IReadOnlyList<(long Step, double Time)> Bursts { get; init; } = [];

    /// <summary>Sharpness after the reduction, or after step 0 in a run without a reduction.</summary>
    public AfterReduction After { get; init; } = AfterReduction.None;

    /// <summary>‖theta − theta_0‖ and S at the first steps of bursts, in order of training time.</summary>
    public IReadOnlyList<(double Distance, double Sharpness)> SharpnessByDistance { get; init; } = [];

    /// <summary>Test accuracy at each evaluation, by training time.</summary>
    public IReadOnlyList<(double Time, double Value)> AccuracyInTime { get; init; } = [];

    /// <summary>Mean rotation at lag 2.</summary>
    public required double DriftPerBounce { get; init; }

    /// <summary>Mean rotation between bursts.</summary>
    public required double Drift { get; init; }

    /// <summary>Sum of the rotations between bursts.</summary>
    public required double CumulativeRotation { get; init; }

    /// <summary>Mean re-solve baseline: the apparent rotation when nothing turned.</summary>
    public required double Baseline { get; init; }

    /// <summary>Mean re-solve baseline at the high end of its error bar.</summary>
    public required double BaselineHigh { get; init; }

    /// <summary>
    /// Kendall's tau of peak sharpness against the number of the instability; NaN with fewer than three
    /// instabilities.
    /// </summary>
    public required double PeaksTau { get; init; }

    /// <summary>
    /// Mean of lambda_min over the first steps of bursts at which it converged; NaN if it never did.
    /// </summary>
    public required double LambdaMin { get; init; }

    /// <summary>Mean trace of the Hessian over the first steps of bursts.</summary>
    public required double Trace { get; init; }

    /// <summary>S at the first steps of bursts, by training time.</summary>
    public required IReadOnlyList<(double Time, double Sharpness)> SharpnessInTime { get; init; }

    /// <summary>
    /// Training loss, sharpness of the Hessian itself and latest test accuracy at the first steps of bursts.
    /// </summary>
    public IReadOnlyList<(double Loss, double Sharpness, double TestAccuracy)> Moments { get; init; } = [];

    /// <summary>Training time of the fork; NaN if the cell is not a fork.</summary>
    public required double ForkTime { get; init; }

    /// <summary>
    /// Length of the last update, eta·‖∇L‖, over that of the first, which shows how the parameters move at the end.
    /// Infinite if the last gradient norm is not finite.
    /// </summary>
    public double UpdateGrowth { get; init; } = double.NaN;

    /// <summary>
    /// The scores at four fifths of the run's steps. They are worse than the final ones if training has not
    /// converged.
    /// </summary>
    public EarlierScores AtFourFifths { get; init; } = EarlierScores.None;

    /// <summary>
    /// SHA-256 of the training, step by step, which is equal for identical trainings. Empty if there are no steps.
    /// </summary>
    public string Trajectory { get; init; } = "";

    /// <summary>Whether the run diverged.</summary>
    public bool Diverged => Outcome == OutcomeNames.Diverged;

    /// <summary>Whether an instability was found.</summary>
    public bool Unstable => Cycles > 0;

    /// <summary>The measures correlated with accuracy, by display name.</summary>
    public static IReadOnlyList<Measure> Catalog { get; } =
    [
        Measure.FinalSharpness,
        Measure.PeakSharpness,
        new("mean sharpness", cell => cell.MeanSharpness, nameof(MeanSharpness)),
        Measure.Flip,
        Measure.Drift,
        new("cumulative rotation", cell => cell.CumulativeRotation, nameof(CumulativeRotation)),
        new("lambda_min", cell => cell.LambdaMin, nameof(LambdaMin)),
        new("trace", cell => cell.Trace, nameof(Trace)),
    ];

    /// <summary>
    /// Returns the possible range of a property, inside which intervals of its mean stay. The largest eigenvalue
    /// counts as nonnegative as long as no value is negative.
    /// </summary>
    public static Bounds BoundsOf(string property) =>
        property switch
        {
            nameof(TestAccuracy)
            or nameof(TrainAccuracy)
            or nameof(Flip)
            or nameof(FlipUnstable)
            or nameof(DriftPerBounceUnstable)
            or nameof(FlipUnstableLow)
            or nameof(DriftPerBounce)
            or nameof(Drift)
            or nameof(Baseline)
            or nameof(BaselineHigh) => Bounds.Share,
            nameof(PeaksTau) => Bounds.Coefficient,
            nameof(LambdaMin) or nameof(Trace) => Bounds.None,
            _ => Bounds.Positive,
        };

    /// <summary>Reads a finished cell; null if the cell is not finished.</summary>
    public static CellMeasures? TryRead(SweepCell cell)
    {
        ArgumentNullException.ThrowIfNull(cell);
        return cell.Run?.ReadSummary() is { } summary
            ? FromRecords(cell.Cell, summary, cell.Run.ReadSteps(), cell.Run.ReadCurvature())
            : null;
    }

    /// <summary>Computes the numbers from the records of a run.</summary>
    public static CellMeasures FromRecords(
        SweepCellRecord cell,
        SummaryRecord summary,
        IReadOnlyList<StepRecord> steps,
        IReadOnlyList<CurvatureRecord> curvature
    )
    {
        ArgumentNullException.ThrowIfNull(cell);
        ArgumentNullException.ThrowIfNull(summary);
        var times = Times(steps);
        var starts = curvature.Where(record => record.StartsBurst()).ToArray();
        double Inside(Func<CurvatureRecord, double?> number) =>
            InInstabilities(summary.Cycles, curvature, times, record => number(record) ?? double.NaN);
        return new CellMeasures
        {
            Cell = cell,
            Outcome = summary.Outcome,
            Cycles = summary.Cycles.Length,
            Resolved = summary.Cycles.Count(cycle => cycle.Resolution is not null),
            TestAccuracy = summary.FinalTestAccuracy ?? double.NaN,
            TrainAccuracy = summary.FinalAccuracy,
            TrainLoss = summary.FinalLoss,
            TestLoss = steps.LastOrDefault(step => step.TestLoss is not null)?.TestLoss ?? double.NaN,
            InitialSharpness = summary.InitialSharpness,
            FinalSharpness = summary.FinalHessianSharpness ?? summary.FinalSharpness,
            FinalThreshold = summary.FinalThreshold,
            PeakSharpness = summary.PeakSharpness,
            MeanSharpness = Mean(starts.Select(record => record.Sharpness)),
            Flip = summary.Flip?.Mean ?? double.NaN,
            FlipUnstableLow = Inside(record => 1 - record.Flip?.OverlapHigh),
            FlipUnstable = Inside(record => record.Flip?.Rotation),
            DriftPerBounceUnstable = Inside(record => record.DriftPerBounce?.Rotation),
            UnstableTime = summary.Measurements == 0 ? double.NaN : summary.Cycles.Sum(cycle => Lasted(cycle, times)),
            EndTime = steps.Count == 0 ? double.NaN : times[steps[^1].Step],
            ParameterNorm = summary.FinalParameterNorm ?? double.NaN,
            StartDistance = summary.FinalStartDistance ?? double.NaN,
            ForkDistance =
                starts.MinBy(record => Math.Abs(record.Step - (cell.ForkStep ?? 0)))?.StartDistance ?? double.NaN,
            Bursts = InTime(starts, times, (record, time) => (record.Step, time)),
            After = AfterReduction.FromRecords(cell.ForkStep ?? 0, steps, starts, times),
            SharpnessByDistance = ByDistance(starts),
            AccuracyInTime = AccuracyOf(steps, times),
            DriftPerBounce = summary.DriftPerBounce?.Mean ?? double.NaN,
            Drift = summary.Drift?.Mean ?? double.NaN,
            CumulativeRotation = SumOfDrift(starts),
            Baseline = summary.Resolve?.Mean ?? double.NaN,
            BaselineHigh = summary.Resolve?.High ?? double.NaN,
            PeaksTau = TrendOfPeaks(summary.Cycles),
            LambdaMin = Mean(starts.Select(record => record.ConvergedLambdaMin() ?? double.NaN)),
            Trace = Mean(starts.Select(record => record.Trace?.Value ?? double.NaN)),
            SharpnessInTime = InTime(starts, times, (record, time) => (time, record.Sharpness)),
            Moments = MomentsOf(steps, starts),
            ForkTime = cell.ForkStep is { } fork ? times.GetValueOrDefault(fork, double.NaN) : double.NaN,
            UpdateGrowth = Growth(steps),
            AtFourFifths = EarlierScores.FromSteps(steps),
            Trajectory = TrajectoryOf(steps),
        };
    }

    /// <summary>
    /// Returns the mean, over the bursts after the fork, of S minus the control's S at equal training time. The
    /// control's value is that of its nearest burst, at most half the distance between two bursts away. The burst at
    /// the fork itself does not count, since it measures the state left by the parent. NaN if there is no such pair.
    /// </summary>
    /// <param name="control">A cell without a reduction.</param>
    public double SharpnessAfterForkLess(CellMeasures control)
    {
        ArgumentNullException.ThrowIfNull(control);
        var (own, others) = (
            Measured(this).Where(point => point.Time > ForkTime).ToArray(),
            Measured(control).ToArray()
        );
        if (own.Length == 0 || others.Length == 0)
            return double.NaN;
        var reach = (own[^1].Time - ForkTime) / own.Length / 2;
        var pairs = own.Select(point => (point, Other: others.MinBy(other => Math.Abs(other.Time - point.Time))))
            .Where(pair => Math.Abs(pair.Other.Time - pair.point.Time) <= reach);
        return Mean(pairs.Select(pair => pair.point.Sharpness - pair.Other.Sharpness));
    }

    private static T[] InTime<T>(
        CurvatureRecord[] starts,
        Dictionary<long, double> times,
        Func<CurvatureRecord, double, T> number
    ) =>
        [
            .. starts
                .Where(record => times.ContainsKey(record.Step))
                .Select(record => number(record, times[record.Step])),
        ];

    private static (double, double)[] ByDistance(CurvatureRecord[] starts) =>
        [
            .. from record in starts
            where record.StartDistance is not null
            select (record.StartDistance!.Value, record.Hessian?.Sharpness ?? record.Sharpness),
        ];

    private static (double, double)[] AccuracyOf(IReadOnlyList<StepRecord> steps, Dictionary<long, double> times) =>
        [.. from step in steps where step.TestAccuracy is not null select (times[step.Step], step.TestAccuracy!.Value)];

    private static double SumOfDrift(CurvatureRecord[] starts) =>
        starts.Any(record => record.Drift is not null) ? starts.Sum(record => record.Drift?.Rotation ?? 0) : double.NaN;

    private static double TrendOfPeaks(InstabilityRecord[] cycles) =>
        cycles.Length < FewestCycles
            ? double.NaN
            : RankCorrelation.Compute(
                RankKind.Kendall,
                [.. cycles.Select(cycle => (double)cycle.Number)],
                [.. cycles.Select(cycle => cycle.PeakSharpness)]
            );

    /// <summary>
    /// Returns the mean over the training time that instabilities take: the mean of each over its own time, weighted
    /// by its duration.
    /// </summary>
    private static double InInstabilities(
        InstabilityRecord[] cycles,
        IReadOnlyList<CurvatureRecord> curvature,
        Dictionary<long, double> times,
        Func<CurvatureRecord, double> of
    )
    {
        var (mean, lasted) = (0.0, 0.0);
        foreach (var cycle in cycles)
        {
            var measured = curvature
                .Where(record => record.Step >= cycle.Onset && !(record.Step > cycle.Resolution))
                .ToArray();
            var inside = TrainingTime.Mean(measured.Select(record => (record.Step, times[record.Step], of(record))));
            if (!double.IsFinite(inside))
                continue;
            // an instability that begins at the last step still counts if there is no other
            var time = Math.Max(Lasted(cycle, times), double.Epsilon);
            (mean, lasted) = (mean + time * inside, lasted + time);
        }
        return lasted > 0 ? mean / lasted : double.NaN;
    }

    /// <summary>Returns NaN if the onset or the resolution has no record among the steps.</summary>
    private static double Lasted(InstabilityRecord cycle, Dictionary<long, double> times)
    {
        double At(long step) => times.GetValueOrDefault(step, double.NaN);
        return (cycle.Resolution is { } resolved ? At(resolved) : times.Values.DefaultIfEmpty(double.NaN).Max())
            - At(cycle.Onset);
    }

    private static (double, double, double)[] MomentsOf(IReadOnlyList<StepRecord> steps, CurvatureRecord[] starts)
    {
        var moments = new List<(double, double, double)>(starts.Length);
        var (next, accuracy) = (0, double.NaN);
        foreach (var record in starts)
        {
            while (next < steps.Count && steps[next].Step <= record.Step)
                accuracy = steps[next++].TestAccuracy ?? accuracy;
            if (next > 0 && steps[next - 1].Step == record.Step)
                moments.Add((steps[next - 1].Loss, record.Hessian?.Sharpness ?? record.Sharpness, accuracy));
        }
        return [.. moments];
    }

    private static IEnumerable<(double Time, double Sharpness)> Measured(CellMeasures cell) =>
        cell.SharpnessInTime.Where(point => double.IsFinite(point.Sharpness));

    private static double Growth(IReadOnlyList<StepRecord> steps)
    {
        static double Length(StepRecord step) => step.LearningRate * step.GradientNorm;
        if (steps.Count == 0)
            return double.NaN;
        return double.IsFinite(steps[^1].GradientNorm) ? Length(steps[^1]) / Length(steps[0]) : double.PositiveInfinity;
    }

    /// <summary>
    /// Measurements are left out, since their start vectors depend on the seed and their results differ in the last
    /// digits.
    /// </summary>
    private static string TrajectoryOf(IReadOnlyList<StepRecord> steps)
    {
        if (steps.Count == 0)
            return "";
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<double> row = stackalloc double[6];
        foreach (var step in steps)
        {
            (row[0], row[1], row[2], row[3]) = (step.Step, step.LearningRate, step.Loss, step.GradientNorm);
            (row[4], row[5]) = (step.TestLoss ?? double.NaN, step.TestAccuracy ?? double.NaN);
            hash.AppendData(MemoryMarshal.AsBytes(row));
        }
        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }

    /// <summary>Returns the training time of each step, which is the sum of the learning rates before it.</summary>
    internal static Dictionary<long, double> Times(IReadOnlyList<StepRecord> steps) =>
        TrainingTime.Accumulate(steps.Select(step => (step.Step, step.LearningRate)));

    /// <summary>
    /// Averages the finite values only: a solve that ended without a number is no reason to drop the cell.
    /// </summary>
    private static double Mean(IEnumerable<double> values) =>
        values.Where(double.IsFinite).DefaultIfEmpty(double.NaN).Average();
}
