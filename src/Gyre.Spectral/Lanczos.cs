using Gyre.Torch;
using static TorchSharp.torch;

namespace Gyre.Spectral;

/// <summary>
/// Computes leading eigenpairs of a symmetric operator, with error bars, from one Krylov space for both ends of the
/// spectrum.
/// <para>
/// The basis is extended by the residual of the wanted pair that is furthest from its tolerance. From one start
/// vector every residual is parallel to the next Lanczos vector, so this is the Lanczos method with thick restart (Wu
/// and Simon 2000). From several start vectors it is a warm start that uses all of them (Davidson's method without a
/// preconditioner).
/// </para>
/// It differs from common implementations in five ways. It stops by angle error bars (residual over gap), not by the
/// change of a value. Residuals are measured from the stored images. The gap to the first pair outside allows for
/// that pair's own residual. An invariant space is left by a random vector, so that copies of a repeated eigenvalue
/// are found. Failure to converge is an outcome, not an exception.
/// <para>Cost: one product per basis vector, start vectors included; memory 2·basis·n numbers.</para>
/// </summary>
public static class Lanczos
{
    /// <summary>Solves for the wanted pairs.</summary>
    /// <param name="operator">The operator; must be symmetric.</param>
    /// <param name="options">The wanted pairs and their tolerances. Null uses the defaults.</param>
    /// <param name="start">Rows <c>[m, n]</c> (or one vector <c>[n]</c>) to start from, such as the eigenvectors of a
    /// previous step. They need not be orthogonal or independent. Null starts from seeded random vectors. Each
    /// independent row costs one product.</param>
    /// <param name="stop">Ends the solve at the next product.</param>
    /// <returns>At most n pairs; the vectors belong to the caller's dispose scope.</returns>
    /// <exception cref="ArgumentException">Options are out of range, or start or reference vectors have another shape
    /// or dtype.</exception>
    public static EigenSolution Solve(
        ISymmetricOperator @operator,
        LanczosOptions? options = null,
        Tensor? start = null,
        CancellationToken stop = default
    )
    {
        ArgumentNullException.ThrowIfNull(@operator);
        options ??= new LanczosOptions();
        options.Check();
        CheckStart(@operator, start);
        CheckStart(@operator, options.Reference);
        using var none = no_grad();
        using var scope = NewDisposeScope();
        using var solver = new Solver(@operator, options, stop);
        solver.Seed(start);
        return solver.Run();
    }

    private static void CheckStart(ISymmetricOperator @operator, Tensor? start)
    {
        if (start is null)
            return;
        if (start.dim() is not (1 or 2) || start.shape[^1] != @operator.Dimension || start.dtype != @operator.Dtype)
        {
            throw new ArgumentException(
                $"Start vectors must be {@operator.Dtype} [m, {@operator.Dimension}]; got {start.dtype} "
                    + $"[{string.Join(", ", start.shape)}].",
                nameof(start)
            );
        }
    }

    private sealed class Solver : IDisposable
    {
        // Chosen between 0.3 and 0.5 by products at equal coverage (docs/decisions/0003-warm-start.md).
        private const double MostLacking = 0.5;

        // Chosen: a restart that keeps only the smallest pair loses the directions that separate it from the next.
        private const int BottomNeighbors = 6;

        private readonly ISymmetricOperator _operator;
        private readonly LanczosOptions _options;
        private readonly CancellationToken _stop;
        private readonly KrylovSpace _space;
        private readonly Generator _generator;
        private readonly int _minimumPairs;
        private double[]? _invariantValues;

        public Solver(ISymmetricOperator @operator, LanczosOptions options, CancellationToken stop)
        {
            (_operator, _options, _stop) = (@operator, options, stop);
            var capacity = (int)Math.Min(@operator.Dimension, Math.Max(options.Basis, options.Wanted.Most + 8));
            _space = new KrylovSpace(@operator, capacity, options.Reorthogonalization);
            _generator = new Generator((ulong)options.Seed, CPU);
            _minimumPairs = (int)Math.Min(@operator.Dimension, Math.Max(1, options.Wanted.Top + options.Wanted.Bottom));
        }

        /// <summary>Expands the space by the start vectors, or by random ones if none are given.</summary>
        public void Seed(Tensor? start)
        {
            if (start is not null)
            {
                var rows = start.dim() == 1 ? start.unsqueeze(0) : start;
                for (var i = 0; i < rows.shape[0] && CanExpand(); i++)
                    _space.Expand(rows[i]);
            }
            for (var i = _space.Count == 0 ? 0 : _options.StartVectors; i < _options.StartVectors && CanExpand(); i++)
                ExpandRandomly();
        }

        /// <summary>Grows the space until every wanted pair is accurate enough or nothing more can be done.</summary>
        public EigenSolution Run()
        {
            // 1. Compute the Ritz pairs of the space. While the recurrence alone shows that more steps are needed,
            // follow it.
            // 2. Otherwise measure residuals and choose the direction that the space lacks most; stop if it lacks
            // nothing.
            // 3. If the space is full, restart with the pairs worth keeping. Add the chosen direction and repeat.
            while (true)
            {
                using var scope = NewDisposeScope();
                var pairs = _space.Ritz();
                if (_space.IsLanczos && TryStepByRecurrence(pairs))
                    continue;
                var rows = RitzReport.Needed(pairs.Values, _options.Wanted);
                var residuals = _space.Residuals(pairs, rows);
                var norms = Host.Numbers(residuals.norm(1));
                var report = Report(pairs, rows, norms);
                var reason = ReasonToStop(report, pairs);
                var next = Candidate(reason, report, rows, residuals);
                if (reason is { } ended && next is null)
                    return Solution(ended, report, pairs, norms.Length == 0 ? double.NaN : norms[^1]);
                _space.LeaveRecurrence();
                if (_space.Full)
                    _space.Restart(pairs, IndicesToKeep(report, pairs.Count));
                if (next is null || !_space.Expand(next))
                    ExpandRandomly();
            }
        }

        public void Dispose()
        {
            _generator.Dispose();
            _space.Dispose();
        }

        /// <summary>
        /// Returns the vector to add: the residual of the pair furthest from its tolerance. If all pairs are done, it
        /// is the part of a reference vector that the space lacks, and after that the residual of the smallest
        /// eigenvalue. Null if nothing is left to do.
        /// </summary>
        private Tensor? Candidate(StopReason? reason, RitzReport report, int[] rows, Tensor residuals)
        {
            if (reason is null)
                return report.Target is { } target ? residuals[Array.IndexOf(rows, target)] : null;
            if (
                reason is not (StopReason.Converged or StopReason.Rounding)
                || SpansEverything
                || _space.Products >= _options.MaxProducts
            )
                return null;
            return Lacking() ?? (report.BottomTarget is { } last ? residuals[Array.IndexOf(rows, last)] : null);
        }

        /// <summary>
        /// Returns the largest part of a reference vector that lies outside the space, if it is more than half of the
        /// vector.
        /// </summary>
        private Tensor? Lacking()
        {
            if (_options.Reference is not { } known || known.shape[0] == 0)
                return null;
            var outside = _space.Outside(known);
            var lengths = Host.Numbers(outside.norm(1));
            var largest = Array.IndexOf(lengths, lengths.Max());
            return lengths[largest] > MostLacking ? outside[largest] : null;
        }

        private bool SpansEverything => _space.Count == _operator.Dimension;

        private bool CanExpand() =>
            _space.Products < _options.MaxProducts && !_space.Full && _space.LastProductWasFinite;

        private StopReason? ReasonToStop(RitzReport report, RitzPairs pairs)
        {
            if (!_space.LastProductWasFinite)
                return StopReason.NotFinite;
            if (SpansEverything)
                return report.MeetsTolerances ? StopReason.Converged : StopReason.InvariantSubspace;
            if (_space.Count >= _minimumPairs && report.Target is null)
            {
                if (!IsInvariant(report, pairs))
                    return report.MeetsTolerances ? StopReason.Converged : StopReason.Rounding;
                if (IsConfirmed(report, pairs.Values))
                    return StopReason.InvariantSubspace;
            }
            if (_space.Products >= _options.MaxProducts)
                return StopReason.ProductLimit;
            return _stop.IsCancellationRequested ? StopReason.Canceled : null;
        }

        /// <summary>
        /// Takes one step of the plain Lanczos method if the recurrence shows that more are needed. Returns false if
        /// it shows that the pairs are done or that the recurrence cannot continue; measured residuals then decide.
        /// </summary>
        private bool TryStepByRecurrence(RitzPairs pairs)
        {
            var rows = RitzReport.Needed(pairs.Values, _options.Wanted);
            var all = _space.RecurrenceResiduals(pairs);
            var report = Report(pairs, rows, [.. rows.Select(row => all[row])]);
            var enough = _space.Count >= _minimumPairs && report.Target is null && report.BottomTarget is null;
            if (
                enough
                || SpansEverything
                || !_space.LastProductWasFinite
                || _space.Products >= _options.MaxProducts
                || _stop.IsCancellationRequested
            )
                return false;
            if (_space.Full)
                _space.Restart(pairs, IndicesToKeep(report, pairs.Count));
            return _space.ExpandByRecurrence();
        }

        private RitzReport Report(RitzPairs pairs, int[] rows, double[] norms) =>
            new(pairs.Values, rows.Zip(norms).ToDictionary(), _options, _space.Epsilon, SpansEverything);

        /// <summary>
        /// Whether every residual, not only those of the wanted pairs, is rounding: H maps the space into itself.
        /// </summary>
        private bool IsInvariant(RitzReport report, RitzPairs pairs)
        {
            if (!report.AllRounding)
                return false;
            using var scope = NewDisposeScope();
            var all = _space.Residuals(pairs, [.. Enumerable.Range(0, pairs.Count)]);
            return Host.Numbers(all.norm(1)).All(norm => norm <= report.Rounding);
        }

        /// <summary>
        /// Whether an invariant space is accepted. It may lack copies of repeated eigenvalues, so it is accepted only
        /// after growing it from a random vector to the next invariant space has brought no other wanted value.
        /// </summary>
        private bool IsConfirmed(RitzReport report, double[] values)
        {
            double[] wanted = [.. report.Chosen.Select(i => values[i])];
            var same =
                _invariantValues is { } before
                && before.Length == wanted.Length
                && before.Zip(wanted).All(pair => Math.Abs(pair.First - pair.Second) <= report.Rounding);
            _invariantValues = wanted;
            return same;
        }

        /// <summary>
        /// Returns the pairs to keep at a restart: the wanted ones, the next ones in a third of the remaining room,
        /// and the smallest, with its neighbors if it is sought.
        /// </summary>
        private int[] IndicesToKeep(RitzReport report, int count)
        {
            var buffer = Math.Max(2, (count - report.Chosen.Length) / 3);
            var beside = Enumerable.Range(0, count).Except(report.Chosen).Take(buffer);
            var smallest = _options.BottomTolerance is null ? 1 : Math.Min(BottomNeighbors, count / 4);
            var lowest = Enumerable.Range(count - Math.Max(1, smallest), Math.Max(1, smallest));
            return [.. report.Chosen.Concat(beside).Concat(lowest).Distinct().Order().Take(count - 1)];
        }

        private int[] GuardRows(RitzReport report, int count) =>
            [.. Enumerable.Range(0, count).Except(report.Chosen).Take(_options.Guards)];

        private void ExpandRandomly()
        {
            for (var attempt = 0; attempt < 3 && _space.LastProductWasFinite; attempt++)
            {
                using var scope = NewDisposeScope();
                var vector = randn([_operator.Dimension], ScalarType.Float64, CPU, generator: _generator)
                    .to(_operator.Dtype, _operator.Device);
                if (_space.Expand(vector))
                    return;
            }
        }

        private EigenSolution Solution(StopReason reason, RitzReport report, RitzPairs pairs, double lastResidual)
        {
            var last = pairs.Count - 1;
            var seeksBottom = _options.BottomTolerance is not null && last >= 0;
            return new()
            {
                Values = [.. report.Chosen.Select(i => pairs.Values[i])],
                Vectors = VectorsForCaller(pairs, report.Chosen),
                Guards = VectorsForCaller(pairs, GuardRows(report, pairs.Count)),
                Residuals = report.ChosenResiduals,
                Gaps = report.Gaps,
                AngleErrorsDegrees = report.AnglesDegrees,
                BlockGap = report.BlockGap,
                BlockAngleErrorDegrees = report.BlockAngleDegrees,
                LambdaMin = last < 0 ? double.NaN : pairs.Values[last],
                LambdaMinResidual = lastResidual + report.Rounding,
                LambdaMinVector = VectorsForCaller(pairs, last < 0 ? [] : [last]),
                LambdaMinError = report.BottomError,
                LambdaMinSought = seeksBottom,
                LambdaMinConverged = seeksBottom && report.BottomTarget is null,
                Products = _space.Products,
                OrthogonalizationPasses = _space.Passes,
                OrthogonalityLoss = _space.OrthogonalityLoss(),
                StopReason = reason,
            };
        }

        /// <summary>Returns Ritz vectors in the dispose scope of the caller of <see cref="Solve"/>.</summary>
        private Tensor VectorsForCaller(RitzPairs pairs, IReadOnlyList<int> rows) =>
            _space
                .Vectors(pairs, rows)
                .MoveToOuterDisposeScope() // out of the scope of this iteration of Run
                .MoveToOuterDisposeScope(); // and out of the scope of Solve
    }
}
