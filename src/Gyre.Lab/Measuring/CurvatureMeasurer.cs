using Gyre.Lab.Curvature;
using Gyre.Lab.Dynamics;
using Gyre.Lab.Objectives;
using Gyre.Lab.Optimizers;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Specs;
using Gyre.Spectral;
using Gyre.Torch;
using static TorchSharp.torch;

namespace Gyre.Lab.Measuring;

/// <summary>The point at which eigenpairs are measured.</summary>
/// <param name="Objective">The objective at its theta.</param>
/// <param name="Graph">The gradient graph there.</param>
/// <param name="Threshold">The threshold there.</param>
/// <param name="Preconditioner">The diagonal of P if the threshold applies to P^-1/2 H P^-1/2, <c>[n]</c>; null if it
/// applies to H.</param>
/// <param name="Batches">The batches whose sharpness is measured too, if requested.</param>
internal sealed record MeasuredPoint(
    Objective Objective,
    GradientGraph Graph,
    double Threshold,
    Tensor? Preconditioner,
    BatchOrder Batches
);

/// <summary>
/// Measures eigenpairs and what follows from them, burst by burst, and keeps the eigenvectors that it compares with
/// and starts from. Its state consists of these eigenvectors (in the checkpoint) and the records already written
/// (read back), so a resumed run continues with the same numbers.
/// </summary>
internal sealed class CurvatureMeasurer : IDisposable
{
    private const string StatePrefix = "eigenvectors.";
    private const string FollowSuffix = ".follow";

    private readonly RunSpec _spec;
    private readonly ParameterLayout _layout;
    private readonly EigenpairHistory _history = new();
    private readonly WarmStart _warm = new();
    private readonly Dictionary<long, VectorErrors> _errors = [];
    private readonly HeldEigenvectors _held;

    public CurvatureMeasurer(RunSpec spec, ParameterLayout layout) =>
        (_spec, _layout, _held) = (spec, layout, new HeldEigenvectors(layout));

    /// <summary>The eigenvectors measured last, or null.</summary>
    public Tensor? LastVectors => _history.Kept.Count > 0 ? _history.Kept[^1].Vectors : null;

    /// <summary>Measures the step whose gradient graph is given.</summary>
    public CurvatureRecord Measure(long step, BurstPlace place, MeasuredPoint point)
    {
        using var scope = NewDisposeScope();
        using var matrix = new MeasuredMatrix(_spec, point);
        var (options, start) = Start(step, place);
        var solution = Lanczos.Solve(matrix.Operator, options, start);
        var vectors = (solution.Vectors * CarrySigns(solution.Vectors)).MoveToOuterDisposeScope();
        var errors = new VectorErrors(solution.AngleErrorsDegrees, solution.BlockAngleErrorDegrees);
        var shape = EigenvectorShape.Measure(vectors, matrix.Gradient(), _layout);
        var record = Solved(step, place.Position, point.Threshold, solution, shape) with
        {
            Follow = place.Follow?.ToString().ToLowerInvariant(),
            Operator = matrix.Name,
            At = _spec.Curvature.At == CurvatureSpec.Iterate ? null : _spec.Curvature.At,
            Warm = start is not null,
        };
        if (place.StartsBurst)
            record = WithBurstStart(record, point, matrix, vectors);
        record = WithRotations(record, vectors, errors);
        if (RunSchedules.Resolves(_spec.Curvature, place))
            record = record with { Resolve = ResolveAgain(step, matrix.Operator, vectors, errors) };
        Remember(new KeptEigenvectors(step, place.Position, vectors) { Follow = place.Follow is not null }, errors);
        _warm.Add(step, solution, [.. _history.Kept.Select(kept => kept.Step)]);
        // Last, because self-stabilization moves theta, which ends the use of the graph.
        return _spec.Curvature.SelfStabilisation
            ? record with
            {
                SelfStabilisation = Stabilization(point, solution, vectors),
            }
            : record;
    }

    /// <summary>Returns the results of the solver and the shape of its eigenvectors.</summary>
    private static CurvatureRecord Solved(
        long step,
        int position,
        double threshold,
        EigenSolution solution,
        EigenvectorShape shape
    ) =>
        new()
        {
            Step = step,
            Burst = position,
            Threshold = threshold,
            Sharpness = solution.Values[0],
            Eigenvalues = solution.Values,
            Residuals = solution.Residuals,
            Gaps = solution.Gaps,
            AngleErrorsDegrees = solution.AngleErrorsDegrees,
            BlockGap = solution.BlockGap,
            BlockAngleErrorDegrees = solution.BlockAngleErrorDegrees,
            LambdaMin = solution.LambdaMin,
            LambdaMinResidual = solution.LambdaMinResidual,
            LambdaMinError = solution.LambdaMinConverged ? solution.LambdaMinError : null,
            LambdaMinConverged = solution.LambdaMinSought ? solution.LambdaMinConverged : null,
            Products = solution.Products,
            StopReason = StopReasons.NameOf(solution.StopReason),
            Warm = false,
            GradientAlignment = shape.GradientAlignment,
            ParticipationRatios = shape.ParticipationRatios,
            LayerShares = shape.LayerShares,
        };

    /// <summary>Adds what is measured only at the first step of a regular burst.</summary>
    private CurvatureRecord WithBurstStart(
        CurvatureRecord record,
        MeasuredPoint point,
        MeasuredMatrix matrix,
        Tensor vectors
    ) =>
        record with
        {
            Hessian = matrix.IsHessian ? null : Unpreconditioned(record.Step, matrix.Hessian),
            BatchSharpness = MeasureBatches(record.Step, point),
            Trace = Trace(record.Step, matrix.Operator, record.Eigenvalues, vectors),
        };

    /// <summary>Adds how far the eigenvectors have rotated since the measurements that are kept.</summary>
    private CurvatureRecord WithRotations(CurvatureRecord record, Tensor vectors, VectorErrors errors)
    {
        var step = record.Step;
        return record with
        {
            Flip = Against(_history.At(step - 1), step, vectors, errors),
            DriftPerBounce = Against(_history.At(step - 2), step, vectors, errors),
            Drift = record.StartsBurst() ? Against(_history.LastBurstStart(), step, vectors, errors) : null,
        };
    }

    /// <summary>Adds what a checkpoint must contain.</summary>
    public void Save(Dictionary<string, Tensor> into)
    {
        foreach (var kept in _history.Kept)
            into[
                FormattableString.Invariant($"{StatePrefix}{kept.Step}.{kept.Burst}{(kept.Follow ? FollowSuffix : "")}")
            ] = kept.Vectors;
        _held.Save(into);
        _warm.Save(into);
    }

    /// <summary>Restores the contents of a checkpoint; error bars come from the records of those steps.</summary>
    public void Restore(IReadOnlyDictionary<string, Tensor> from, IEnumerable<CurvatureRecord> records)
    {
        var bars = records.ToDictionary(
            record => record.Step,
            record => new VectorErrors(record.AngleErrorsDegrees, record.BlockAngleErrorDegrees)
        );
        var kept =
            from pair in @from
            where pair.Key.StartsWith(StatePrefix, StringComparison.Ordinal)
            let parts = pair.Key[StatePrefix.Length..].Split('.')
            let step = long.Parse(parts[0], System.Globalization.CultureInfo.InvariantCulture)
            orderby step
            select new KeptEigenvectors(
                step,
                int.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture),
                pair.Value.clone().to(_layout.Dtype, _layout.Device)
            )
            {
                Follow = parts.Length > 2,
            };
        foreach (var vectors in kept)
            Remember(vectors, bars.GetValueOrDefault(vectors.Step) ?? throw Missing(vectors.Step));
        _warm.Restore(from, _layout);
        _held.Restore(from, bars);
    }

    private static RunFolderException Missing(long step) =>
        new(
            $"The checkpoint contains eigenvectors of step {step}, but curvature.jsonl has no such line: they do "
                + "not belong together. "
                + "Remove the checkpoint, and the run resumes from the previous one."
        );

    /// <summary>
    /// Returns the record of the latest measurement, with the rotation across an instability if the measurement
    /// resolves one.
    /// </summary>
    /// <param name="record">The record as returned by <see cref="Measure"/>.</param>
    /// <param name="happened">The events of the measurement.</param>
    public CurvatureRecord WithRotationAcross(CurvatureRecord record, IReadOnlyList<EventRecord> happened)
    {
        if (happened.Any(one => one.Kind == EventKinds.Onset))
            _held.Begin(_history.Kept[Math.Max(0, _history.Kept.Count - 2)], _errors);
        if (_held.Before is not { } before || !happened.Any(one => one.Kind == EventKinds.Resolution))
            return record;
        var across = Compare(
            before.Kept.Vectors,
            before.Errors,
            LastVectors!,
            _errors[record.Step],
            (int)(record.Step - before.Kept.Step)
        );
        _held.End();
        return record with { Across = across };
    }

    public void Dispose()
    {
        _held.Dispose();
        _warm.Dispose();
        _history.Dispose();
    }

    private LanczosOptions Options(long step, Purpose purpose) =>
        new()
        {
            Wanted = Wanted.Largest(_spec.Curvature.Pairs),
            AngleToleranceDegrees = _spec.Curvature.AngleToleranceDegrees,
            MaxProducts = _spec.Curvature.MaxProducts,
            Basis = _spec.Curvature.Basis,
            Seed = Seeds.For(_spec.Seed, purpose, step),
        };

    /// <summary>
    /// Returns the options of a solve and its start vector, made from earlier steps; null for a random start.
    /// </summary>
    private (LanczosOptions Options, Tensor? Start) Start(long step, BurstPlace place)
    {
        var seeksBottom = place.StartsBurst && _spec.Curvature is { Bottom: > 0, Operator: OperatorNames.Hessian };
        var options = Options(step, Purpose.SolverStart) with
        {
            Guards = WarmStart.Guards,
            BottomTolerance = seeksBottom ? _spec.Curvature.Bottom : null,
        };
        if (_history.BestGuess(step) is not { } guess)
            return (options, null);
        var known = _warm.Known(guess);
        return (
            WarmStart.Options(options, known),
            WarmStart.Row(known, seeksBottom ? _warm.Bottom : null, options.Seed)
        );
    }

    /// <summary>
    /// Returns a column of +1 and −1 that carries the signs over from the previous measurement, because an
    /// eigenvector has no sign of its own.
    /// </summary>
    private Tensor CarrySigns(Tensor vectors)
    {
        var signs = LastVectors is { } last
            ? Rotation.CarriedSigns(EigenvectorShape.Gram(last, vectors))
            : Enumerable.Repeat(1, (int)vectors.shape[0]).ToArray();
        return tensor(signs, device: CPU).to(_layout.Dtype, vectors.device).unsqueeze(1);
    }

    private RotationRecord? Against(KeptEigenvectors? earlier, long step, Tensor vectors, VectorErrors errors) =>
        earlier is null
            ? null
            : Compare(earlier.Vectors, _errors[earlier.Step], vectors, errors, (int)(step - earlier.Step));

    private TraceRecord? Trace(long step, ISymmetricOperator hessian, IReadOnlyList<double> values, Tensor vectors)
    {
        if (_spec.Curvature.TraceProbes == 0)
            return null;
        var trace = TraceEstimate.Deflated(
            hessian,
            values,
            vectors,
            _spec.Curvature.TraceProbes,
            Seeds.For(_spec.Seed, Purpose.TraceProbes, step)
        );
        return new TraceRecord(trace.Value, trace.Error, trace.Products);
    }

    /// <summary>Returns null if v1 is unresolved: a nearly double eigenvalue has no well-defined gradient.</summary>
    private static StabilizationRecord? Stabilization(MeasuredPoint point, EigenSolution solution, Tensor vectors)
    {
        if (solution.AngleErrorsDegrees[0] is null)
            return null;
        using var scope = NewDisposeScope();
        var graph = point.Graph;
        var (u, gradient) = (vectors[0].to(ScalarType.Float64), graph.Value.Gradient.to(ScalarType.Float64));
        var slope = graph.CurvatureGradient(vectors[0]).to(ScalarType.Float64);
        var along = u.dot(gradient);
        var bottom = point
            .Objective.EvaluateAt((u * along.div(tensor(-solution.Values[0], device: CPU))).to(vectors.dtype))
            .Gradient.to(ScalarType.Float64);
        var numbers = Host.Numbers(
            stack([along, u.dot(slope), slope.dot(slope), gradient.dot(slope), u.dot(bottom), bottom.dot(slope)])
        );
        var found = SelfStabilization.Compute(
            solution.Values[0],
            point.Threshold,
            numbers[0],
            numbers[1],
            numbers[2],
            numbers[3],
            numbers[4],
            numbers[5]
        );
        return new StabilizationRecord(
            found.Displacement,
            found.Distance,
            found.Descent,
            found.Alpha,
            found.Beta,
            found.Drive
        );
    }

    /// <summary>
    /// Solves for one pair from a random start: the sharpness of the loss itself, whatever the optimizer divides by.
    /// </summary>
    private HessianSharpnessRecord Unpreconditioned(long step, HessianOperator hessian)
    {
        var found = Lanczos.Solve(hessian, Options(step, Purpose.SolverStart) with { Wanted = Wanted.Largest(1) });
        return found.Values.Length > 0
            ? new HessianSharpnessRecord(found.Values[0], found.Residuals[0], found.Products)
            : new HessianSharpnessRecord(double.NaN, double.NaN, found.Products);
    }

    /// <summary>
    /// Measures batches in an order of their own, independent of the training's; every step has its own batches.
    /// </summary>
    private BatchSharpnessRecord? MeasureBatches(long step, MeasuredPoint point)
    {
        if (_spec.Curvature.BatchProbes == 0)
            return null;
        var batches = Enumerable
            .Range(0, _spec.Curvature.BatchProbes)
            .Select(batch =>
                (ReadOnlyMemory<int>)point.Batches.At((step + 1) * _spec.Curvature.BatchProbes + batch).ToArray()
            )
            .ToArray();
        var found = BatchSharpness.Measure(point.Objective, batches);
        return new BatchSharpnessRecord(found.Value, found.Error, batches.Length, _spec.Optimizer.Batch);
    }

    private RotationRecord ResolveAgain(long step, ISymmetricOperator hessian, Tensor vectors, VectorErrors errors)
    {
        var again = Lanczos.Solve(hessian, Options(step, Purpose.ResolveStart));
        return Compare(
            vectors,
            errors,
            again.Vectors,
            new VectorErrors(again.AngleErrorsDegrees, again.BlockAngleErrorDegrees),
            0
        );
    }

    private RotationRecord Compare(
        Tensor earlier,
        VectorErrors earlierErrors,
        Tensor later,
        VectorErrors laterErrors,
        int lag
    )
    {
        var rotation = Rotation.Between(
            EigenvectorShape.Gram(earlier, later),
            earlierErrors,
            laterErrors,
            lag,
            _layout.Dimension
        );
        return new RotationRecord(
            rotation.Lag,
            rotation.Overlap,
            rotation.OverlapLow,
            rotation.OverlapHigh,
            rotation.Amount,
            rotation.Chance,
            rotation.Similarity,
            rotation.SimilarityLow,
            rotation.SimilarityHigh,
            rotation.Matched,
            rotation.Match,
            rotation.Polarity
        );
    }

    private void Remember(KeptEigenvectors kept, VectorErrors errors)
    {
        _history.Add(kept);
        _errors[kept.Step] = errors;
        foreach (var gone in _errors.Keys.Except(_history.Kept.Select(one => one.Step)).ToArray())
            _errors.Remove(gone);
    }
}
