namespace Gyre.Lab.Theory;

/// <summary>
/// A diagonal linear network of depth D and width w: outputs f_i = Π_d theta[d,i], loss L = ½ Σ_i (f_i − y_i)².
/// Everything in closed form, float64.
/// theta is <c>[D·w]</c>, layer by layer: theta[d,i] is entry d·w + i. Its units (one i each) do not act on each other:
/// the Hessian has a D×D block for each.
/// </summary>
internal sealed class DiagonalLinearNetwork
{
    /// <summary>A network with a target for each unit.</summary>
    /// <param name="depth">D ≥ 1, factors of each unit.</param>
    /// <param name="targets">y, one for each unit.</param>
    /// <exception cref="ArgumentException">Depth below 1, no target, or one that is not finite.</exception>
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

    /// <summary>Two parameters, one unit, target 1: L = ½(xy − 1)².</summary>
    public static DiagonalLinearNetwork TwoParameters { get; } = new(2, [1]);

    /// <summary>D.</summary>
    public int Depth { get; }

    /// <summary>y.</summary>
    public IReadOnlyList<double> Targets { get; }

    /// <summary>w.</summary>
    public int Width => Targets.Count;

    /// <summary>n = D·w.</summary>
    public int Dimension => Depth * Width;

    /// <summary>The factors of one unit, first layer first.</summary>
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

    /// <summary>f_i − y_i of one unit.</summary>
    public double Residual(IReadOnlyList<double> theta, int unit) =>
        DiagonalUnit.Product(Unit(theta, unit)) - Targets[unit];

    /// <summary>L.</summary>
    public double Loss(IReadOnlyList<double> theta)
    {
        var sum = 0.0;
        for (var unit = 0; unit < Width; unit++)
            sum += 0.5 * Residual(theta, unit) * Residual(theta, unit);
        return sum;
    }

    /// <summary>∇L, <c>[n]</c>.</summary>
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

    /// <summary>One step of gradient descent, theta − eta·∇L.</summary>
    public double[] Step(IReadOnlyList<double> theta, double learningRate)
    {
        var next = Gradient(theta);
        for (var j = 0; j < next.Length; j++)
            next[j] = theta[j] - learningRate * next[j];
        return next;
    }

    /// <summary>
    /// The Hessian's D×D block of one unit: p_a p_b + r p_ab, where p_a is the product of all factors but a, and p_aa =
    /// 0.
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

    /// <summary>Derivative of that block along a direction, from the third derivatives.</summary>
    /// <param name="theta"><c>[n]</c></param>
    /// <param name="unit">Which.</param>
    /// <param name="direction"><c>[n]</c>; only this unit's entries act on its block.</param>
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

    /// <summary>H, <c>[n, n]</c>, zero between units.</summary>
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
