namespace Gyre.Lab.Theory;

/// <summary>
/// One unit of depth D ≥ 2 and target 1 with all factors but the first equal, (x, y, …, y). Gradient descent
/// preserves this form, so two numbers describe it.
/// </summary>
internal readonly struct PairedUnit
{
    private readonly int _depth;
    private readonly double _x;
    private readonly double _y;
    private readonly double _power; // y^(D−2)
    private readonly double _lower; // y^(D−3); 0 at D = 2, where p_yy does not exist

    public PairedUnit(int depth, double x, double y)
    {
        (_depth, _x, _y, _power) = (depth, x, y, 1);
        for (var d = 2; d < depth; d++)
            (_lower, _power) = (_power, _power * y);
        Residual = x * y * _power - 1;
    }

    /// <summary>r = x·y^(D−1) − 1.</summary>
    public double Residual { get; }

    /// <summary>|x| + |y|.</summary>
    public double Size => Math.Abs(_x) + Math.Abs(_y);

    /// <summary>
    /// The largest eigenvalue. On vectors (a, b, …, b) the Hessian is [[p_x², √(D−1)(p_x p_y + r p_xy)],
    /// [·, (D−1)p_y² + (D−2) r p_yy]]; on vectors (0, c) with Σ c = 0 it is −r p_yy.
    /// </summary>
    public double Sharpness
    {
        get
        {
            var (px, py) = (_y * _power, _x * _power);
            var rpyy = Residual * _x * _lower;
            var (first, last) = (px * px, (_depth - 1) * py * py + (_depth - 2) * rpyy);
            var across = Math.Sqrt(_depth - 1) * (px * py + Residual * _power);
            var top = (first + last + Math.Sqrt((first - last) * (first - last) + 4 * across * across)) / 2;
            return _depth > 2 ? Math.Max(top, -rpyy) : top;
        }
    }

    public PairedUnit Step(double rate) =>
        new(_depth, _x - rate * Residual * _y * _power, _y - rate * Residual * _x * _power);

    public double Distance(PairedUnit other) => Math.Abs(_x - other._x) + Math.Abs(_y - other._y);
}
