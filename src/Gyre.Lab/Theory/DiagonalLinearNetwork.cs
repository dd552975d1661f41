namespace Gyre.Lab.Theory;

/// <summary>
/// A diagonal linear network of depth D and width w, with outputs f_i = Π_d theta[d,i] and loss
/// L = ½ Σ_i (f_i − y_i)². Everything is in closed form and float64. theta is <c>[D·w]</c>, layer by layer:
/// theta[d,i] is entry d·w + i. The units (one per i) do not interact, so the Hessian has one D×D block per unit.
/// </summary>
internal sealed class DiagonalLinearNetwork
{
    /// <summary>Creates a network with one target per unit.</summary>
    /// <param name="depth">D ≥ 1, the number of factors per unit.</param>
    /// <param name="targets">y, one target per unit.</param>
    /// <exception cref="ArgumentException">The depth is below 1, there is no target, or a target is not
    /// finite.</exception>
    public DiagonalLinearNetwork(int depth, IReadOnlyList<double> targets)
    {
        ArgumentNullException.ThrowIfNull(targets);
        ArgumentOutOfRangeException.ThrowIfLessThan(depth, 1);
        if (targets.Count == 0 || !targets.All(double.IsFinite))
            throw new ArgumentException(
                "A diagonal linear network needs at least one target, each finite.",
                nameof(targets)
            );
        (Depth, Targets) = (depth, [.. targets]);
    }

    /// <summary>The network with two parameters, one unit and target 1: L = ½(xy − 1)².</summary>
    public static DiagonalLinearNetwork TwoParameters { get; } = new(2, [1]);

    /// <summary>Depth D.</summary>
    public int Depth { get; }

    /// <summary>Targets y.</summary>
    public IReadOnlyList<double> Targets { get; }

    /// <summary>Width w.</summary>
    public int Width => Targets.Count;

    /// <summary>The number of parameters, n = D·w.</summary>
    public int Dimension => Depth * Width;

    /// <summary>Returns the factors of one unit, first layer first.</summary>
    public double[] Unit(IReadOnlyList<double> theta, int unit)
    {
        ArgumentNullException.ThrowIfNull(theta);
        if (theta.Count != Dimension)
            throw new ArgumentException(
                $"theta has {theta.Count} numbers; depth {Depth} and width {Width} need {Dimension}.",
                nameof(theta)
            );
        var factors = new double[Depth];
        for (var d = 0; d < Depth; d++)
            factors[d] = theta[d * Width + unit];
        return factors;
    }

    /// <summary>Returns f_i − y_i of one unit.</summary>
    public double Residual(IReadOnlyList<double> theta, int unit) =>
        DiagonalUnit.Product(Unit(theta, unit)) - Targets[unit];

    public double Loss(IReadOnlyList<double> theta)
    {
        var sum = 0.0;
        for (var unit = 0; unit < Width; unit++)
            sum += 0.5 * Residual(theta, unit) * Residual(theta, unit);
        return sum;
    }

    /// <summary>Returns ∇L, <c>[n]</c>.</summary>
    public double[] Gradient(IReadOnlyList<double> theta)
    {
        var gradient = new double[Dimension];
        for (var unit = 0; unit < Width; unit++)
        {
            var (factors, residual) = (Unit(theta, unit), Residual(theta, unit));
            for (var d = 0; d < Depth; d++)
                gradient[d * Width + unit] = residual * DiagonalUnit.Product(factors, d);
        }
        return gradient;
    }

    /// <summary>Takes one step of gradient descent, theta − eta·∇L.</summary>
    public double[] Step(IReadOnlyList<double> theta, double learningRate)
    {
        var next = Gradient(theta);
        for (var j = 0; j < next.Length; j++)
            next[j] = theta[j] - learningRate * next[j];
        return next;
    }

    /// <summary>
    /// Returns the D×D block of the Hessian of one unit, p_a p_b + r p_ab. Here p_a is the product of all factors but
    /// a, and p_aa = 0.
    /// </summary>
    public double[,] Block(IReadOnlyList<double> theta, int unit)
    {
        var (factors, residual) = (Unit(theta, unit), Residual(theta, unit));
        var block = new double[Depth, Depth];
        for (var a = 0; a < Depth; a++)
        {
            for (var b = 0; b < Depth; b++)
                block[a, b] =
                    DiagonalUnit.Product(factors, a) * DiagonalUnit.Product(factors, b)
                    + (a == b ? 0 : residual * DiagonalUnit.Product(factors, a, b));
        }
        return block;
    }

    /// <summary>
    /// Returns the derivative of the Hessian block of a unit along a direction, from the third derivatives.
    /// </summary>
    /// <param name="theta"><c>[n]</c></param>
    /// <param name="direction"><c>[n]</c>; only the entries of this unit act on its block.</param>
    public double[,] BlockDerivative(IReadOnlyList<double> theta, int unit, IReadOnlyList<double> direction)
    {
        var (factors, along, residual) = (Unit(theta, unit), Unit(direction, unit), Residual(theta, unit));
        var block = new double[Depth, Depth];
        for (var a = 0; a < Depth; a++)
        {
            for (var b = 0; b < Depth; b++)
            {
                for (var c = 0; c < Depth; c++)
                    block[a, b] += along[c] * DiagonalUnit.Third(factors, residual, a, b, c);
            }
        }
        return block;
    }

    /// <summary>Returns the dense Hessian, <c>[n, n]</c>, which is zero between units.</summary>
    public double[,] Hessian(IReadOnlyList<double> theta)
    {
        var dense = new double[Dimension, Dimension];
        for (var unit = 0; unit < Width; unit++)
        {
            var block = Block(theta, unit);
            for (var a = 0; a < Depth; a++)
            {
                for (var b = 0; b < Depth; b++)
                    dense[a * Width + unit, b * Width + unit] = block[a, b];
            }
        }
        return dense;
    }
}
