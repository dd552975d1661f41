using Gyre.Torch;
using static TorchSharp.torch;

namespace Gyre.Spectral;

/// <summary>
/// An orthonormal basis Q with its images W = H·Q and the projected matrix T = Q·Hᵀ·Qᵀ, grown by one vector per
/// product. Rows 0 .. capacity−1 of one buffer are Q and the rest are W, so that one matrix–vector product reads
/// both. T lives on the host in float64.
/// </summary>
internal sealed class KrylovSpace : IDisposable
{
    private const double TwiceIsEnough = 0.70710678118654752; // Parlett 1998, §6.9; Giraud et al. 2005

    private readonly ISymmetricOperator _operator;
    private readonly Reorthogonalization _reorthogonalization;
    private readonly Tensor _buffer;
    private readonly int _capacity;
    private double[,] _projected;
    private Tensor? _next;
    private double _coupling;
    private double[]? _restarted;

    public KrylovSpace(ISymmetricOperator @operator, int capacity, Reorthogonalization reorthogonalisation)
    {
        (_operator, _capacity, _reorthogonalization) = (@operator, capacity, reorthogonalisation);
        _projected = new double[capacity, capacity];
        _buffer = empty([2 * capacity, @operator.Dimension], @operator.Dtype, @operator.Device)
            .DetachFromDisposeScope();
        Epsilon = @operator.Dtype == ScalarType.Float64 ? double.BitIncrement(1) - 1 : MathF.BitIncrement(1) - 1;
    }

    /// <summary>
    /// Whether the space grew from a single vector, so that every residual is a multiple of the next Lanczos vector.
    /// Norms then follow from the recurrence without touching a vector. Once another direction is added, this stays
    /// false.
    /// </summary>
    public bool IsLanczos { get; private set; }

    /// <summary>The number of vectors in the basis.</summary>
    public int Count { get; private set; }

    public bool Full => Count == _capacity;

    public int Products { get; private set; }

    public int Passes { get; private set; }

    /// <summary>The distance from 1 to the next number of the operator's dtype.</summary>
    public double Epsilon { get; }

    /// <summary>Whether the last product was finite; if not, its vector was not added.</summary>
    public bool LastProductWasFinite { get; private set; } = true;

    private Tensor Basis => _buffer.slice(0, 0, Count, 1);

    private Tensor Images => _buffer.slice(0, _capacity, _capacity + Count, 1);

    /// <summary>Adds the part of a vector that is orthogonal to the basis, at the cost of one product.</summary>
    /// <returns>False if nothing is left of the vector beyond rounding, in which case no product is used, or if the
    /// product is not finite.</returns>
    public bool Expand(Tensor candidate)
    {
        using var none = no_grad();
        using var scope = NewDisposeScope();
        if (Orthogonalized(candidate, Norm(candidate)) is not (var vector, _))
            return false;
        IsLanczos = Count == 0 && _reorthogonalization != Reorthogonalization.None;
        return Add(vector);
    }

    /// <summary>
    /// Adds the next Lanczos vector, which is already orthogonal to the basis, at the cost of one product.
    /// </summary>
    /// <returns>False if there is no such vector because the space is invariant, or if the product is not
    /// finite.</returns>
    public bool ExpandByRecurrence()
    {
        using var none = no_grad();
        using var scope = NewDisposeScope();
        return _next is { } next && Add(next);
    }

    /// <summary>Abandons the recurrence: from now on, residuals are measured from the stored images.</summary>
    public void LeaveRecurrence() => IsLanczos = false;

    /// <summary>Returns the norms of all residuals, computed by the recurrence.</summary>
    public double[] RecurrenceResiduals(RitzPairs pairs)
    {
        var norms = new double[Count];
        for (var i = 0; i < Count; i++)
            norms[i] = _restarted is null
                ? Math.Abs(_coupling * pairs.Coefficients[i, Count - 1])
                : Math.Abs(Enumerable.Range(0, Count).Sum(l => _restarted[l] * pairs.Coefficients[i, l]));
        return norms;
    }

    /// <summary>Returns every Ritz pair of the space, by the Rayleigh–Ritz method.</summary>
    public RitzPairs Ritz()
    {
        if (Count == 0)
            return RitzPairs.None;
        using var scope = NewDisposeScope();
        var (ascending, columns) = linalg.eigh(Packed(_projected, [.. Enumerable.Range(0, Count)], Count));
        var (values, vectors) = (Host.CopyFromHost(ascending), Host.CopyFromHost(columns));
        var coefficients = new double[Count, Count];
        for (var i = 0; i < Count; i++)
        {
            for (var j = 0; j < Count; j++)
                coefficients[i, j] = vectors[j * Count + (Count - 1 - i)];
        }
        Array.Reverse(values);
        return new RitzPairs(values, coefficients);
    }

    /// <summary>
    /// Returns the residual vectors H·x − theta·x of the chosen Ritz pairs, <c>[rows, n]</c>, from the stored images.
    /// </summary>
    public Tensor Residuals(RitzPairs pairs, IReadOnlyList<int> rows)
    {
        if (rows.Count == 0)
            return zeros([0, _operator.Dimension], _operator.Dtype, _operator.Device);
        using var none = no_grad();
        using var scope = NewDisposeScope();
        var weights = Weights(pairs, rows);
        var shifted =
            weights
            * tensor(rows.Select(row => pairs.Values[row]).ToArray(), device: CPU)
                .unsqueeze(1)
                .to(_operator.Dtype, _operator.Device);
        return weights.mm(Images).sub_(shifted.mm(Basis)).MoveToOuterDisposeScope();
    }

    /// <summary>Returns the parts of unit vectors, rows <c>[m, n]</c>, that are orthogonal to the basis.</summary>
    public Tensor Outside(Tensor rows)
    {
        using var none = no_grad();
        using var scope = NewDisposeScope();
        return rows.sub(rows.mm(Basis.t()).mm(Basis)).MoveToOuterDisposeScope();
    }

    /// <summary>Returns the Ritz vectors of the chosen pairs, <c>[rows, n]</c>.</summary>
    public Tensor Vectors(RitzPairs pairs, IReadOnlyList<int> rows)
    {
        if (rows.Count == 0)
            return zeros([0, _operator.Dimension], _operator.Dtype, _operator.Device);
        using var none = no_grad();
        using var scope = NewDisposeScope();
        return Weights(pairs, rows).mm(Basis).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Performs a thick restart (Wu and Simon 2000): the basis becomes the chosen Ritz vectors, and their images
    /// follow without a product.
    /// </summary>
    public void Restart(RitzPairs pairs, IReadOnlyList<int> keep)
    {
        using var none = no_grad();
        using var scope = NewDisposeScope();
        var weights = Weights(pairs, keep);
        var (basis, images) = (weights.mm(Basis), weights.mm(Images));
        _buffer.slice(0, 0, keep.Count, 1).copy_(basis);
        _buffer.slice(0, _capacity, _capacity + keep.Count, 1).copy_(images);
        _projected = new double[_capacity, _capacity];
        var last = Count - 1;
        for (var i = 0; i < keep.Count; i++)
            _projected[i, i] = pairs.Values[keep[i]];
        _restarted = [.. keep.Select(row => _coupling * pairs.Coefficients[row, last])];
        Count = keep.Count;
    }

    /// <summary>Returns max |Q·Qᵀ − 1|.</summary>
    public double OrthogonalityLoss()
    {
        using var none = no_grad();
        using var scope = NewDisposeScope();
        if (Count == 0)
            return 0;
        return Host.Number(
            Basis.mm(Basis.t()).sub_(eye(Count, dtype: _operator.Dtype, device: _operator.Device)).abs().max()
        );
    }

    public void Dispose()
    {
        _next?.Dispose();
        _buffer.Dispose();
    }

    /// <summary>
    /// Stores a unit vector that is orthogonal to the basis, together with its image, and advances the recurrence.
    /// </summary>
    private bool Add(Tensor vector)
    {
        var row = _buffer[Count];
        row.copy_(vector);
        var image = _operator.Apply(row);
        _buffer[_capacity + Count].copy_(image);
        Products++;
        // One read covers the coefficients and the length: on a device, each read waits for the product.
        double[] read = Host.Numbers(cat([_buffer.slice(0, 0, Count + 1, 1).mv(image), image.norm().unsqueeze(0)]));
        var coefficients = read[..^1];
        LastProductWasFinite = coefficients.All(double.IsFinite);
        if (!LastProductWasFinite)
            return false;
        for (var i = 0; i <= Count; i++)
            _projected[i, Count] = _projected[Count, i] = coefficients[i];
        Count++;
        _restarted = null;
        if (IsLanczos)
            ComputeNext(image, read[^1]);
        return true;
    }

    private void ComputeNext(Tensor image, double length)
    {
        _next?.Dispose();
        var next = Orthogonalized(image, length);
        _next = next?.Vector.DetachFromDisposeScope();
        _coupling = next?.Length ?? 0;
    }

    /// <summary>Returns the normalized orthogonal part and its length, or null if it is only rounding.</summary>
    private (Tensor Vector, double Length)? Orthogonalized(Tensor candidate, double start)
    {
        if (!double.IsFinite(start) || start <= 0)
            return null;
        var vector = Divided(candidate, start);
        if (_reorthogonalization == Reorthogonalization.None || Count == 0)
            return (vector, start);
        var before = 1.0;
        for (var pass = 1; ; pass++)
        {
            vector = vector - Basis.t().mv(Basis.mv(vector));
            Passes++;
            var norm = Norm(vector);
            if (norm <= 10 * Epsilon)
                return null;
            if (!AnotherPass(pass, norm / before))
                return (Divided(vector, norm), norm * start);
            before = norm;
        }
    }

    private bool AnotherPass(int pass, double kept) =>
        _reorthogonalization switch
        {
            Reorthogonalization.OnePass => false,
            Reorthogonalization.TwoPasses => pass < 2,
            _ => kept < TwiceIsEnough && pass < 5,
        };

    /// <summary>
    /// Divides by a 0-dimensional tensor, because a Scalar is freed by a finalizer and a collection on another thread
    /// can free it while it is in use (docs/decisions/0002-native-memory.md). The tensor is on the CPU: a device's
    /// kernels take its number as an argument, so nothing is copied or waited for (docs/decisions/0010-gpu.md).
    /// </summary>
    private static Tensor Divided(Tensor vector, double by) => vector / tensor(by, vector.dtype, CPU);

    private static double Norm(Tensor vector) => Host.Number(vector.norm());

    /// <summary>
    /// Returns the coefficients of the chosen pairs, <c>[rows, Count]</c>, in the operator's dtype and on its device.
    /// </summary>
    private Tensor Weights(RitzPairs pairs, IReadOnlyList<int> rows) =>
        Packed(pairs.Coefficients, rows, Count).to(_operator.Dtype, _operator.Device);

    /// <summary>Returns the chosen rows of a matrix, cut to its first columns, on the host in float64.</summary>
    private static Tensor Packed(double[,] matrix, IReadOnlyList<int> rows, int columns)
    {
        var packed = new double[rows.Count * columns];
        for (var i = 0; i < rows.Count; i++)
        {
            for (var j = 0; j < columns; j++)
                packed[i * columns + j] = matrix[rows[i], j];
        }
        return tensor(packed, device: CPU).view(rows.Count, columns);
    }
}
