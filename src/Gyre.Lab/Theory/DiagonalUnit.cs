namespace Gyre.Lab.Theory;

/// <summary>
/// Products of the factors of one unit of a diagonal linear network. They avoid division, so that factors may be
/// zero.
/// </summary>
internal static class DiagonalUnit
{
    /// <summary>Returns the product of all factors except the given ones; −1 excludes none.</summary>
    public static double Product(double[] factors, int a = -1, int b = -1, int c = -1)
    {
        var product = 1.0;
        for (var d = 0; d < factors.Length; d++)
        {
            if (d != a && d != b && d != c)
                product *= factors[d];
        }
        return product;
    }

    /// <summary>
    /// Returns d³L/(da db dc) of L = ½ r²: p_a p_bc + p_b p_ac + p_c p_ab + r p_abc. A product that excludes the same
    /// factor twice is 0.
    /// </summary>
    public static double Third(double[] factors, double residual, int a, int b, int c) =>
        Product(factors, a) * Pair(factors, b, c)
        + Product(factors, b) * Pair(factors, a, c)
        + Product(factors, c) * Pair(factors, a, b)
        + (a == b || b == c || a == c ? 0 : residual * Product(factors, a, b, c));

    private static double Pair(double[] factors, int a, int b) => a == b ? 0 : Product(factors, a, b);
}
