using static TorchSharp.torch;

namespace Gyre.Tests.TestKit;

/// <summary>Matrices with a spectrum that is prescribed.</summary>
public static class Spectra
{
    /// <summary>Leading values over a bulk of values in [0, 20), by seed.</summary>
    public static double[] Leading(int n, params double[] leading)
    {
        var random = new Random(3);
        return [.. leading, .. Enumerable.Range(0, n - leading.Length).Select(_ => 20 * random.NextDouble())];
    }

    /// <summary>200·0.98^i.</summary>
    public static double[] Crowded(int n) => [.. Enumerable.Range(0, n).Select(i => 200 * Math.Pow(0.98, i))];

    /// <summary>A random orthogonal matrix <c>[n, n]</c>, float64, in the caller's dispose scope.</summary>
    public static Tensor Orthogonal(int n, int seed)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator((ulong)seed);
        return linalg.qr(randn([n, n], dtype: ScalarType.Float64, generator: generator)).Q.MoveToOuterDisposeScope();
    }

    /// <summary>
    /// U diag(d) Uᵀ, symmetrised, in the caller's dispose scope; the columns of U are its eigenvectors.
    /// </summary>
    public static (Tensor Matrix, Tensor Vectors) Dense(double[] values, int seed)
    {
        using var scope = NewDisposeScope();
        var u = Orthogonal(values.Length, seed);
        var matrix = (u * tensor(values)).mm(u.t());
        return (((matrix + matrix.t()) / 2).MoveToOuterDisposeScope(), u.MoveToOuterDisposeScope());
    }

    /// <summary>Angle in degrees between two vectors, sign apart.</summary>
    public static double Angle(Tensor a, Tensor b)
    {
        using var scope = NewDisposeScope();
        var (x, y) = (a.to(ScalarType.Float64), b.to(ScalarType.Float64));
        var along = x.dot(y).abs().item<double>() / (x.norm().item<double>() * y.norm().item<double>());
        var across = (x / x.norm() - y / y.norm() * Math.Sign(x.dot(y).item<double>())).norm().item<double>();
        // Near zero the cosine has no digits left; the chord has.
        return (across < 0.1 ? 2 * Math.Asin(across / 2) : Math.Acos(Math.Min(1, along))) * 180 / Math.PI;
    }
}
