namespace Gyre.Spectral;

/// <summary>Every Ritz pair of a Krylov space, in the space's own coordinates.</summary>
/// <param name="Values">Ritz values, largest first.</param>
/// <param name="Coefficients">Row i holds the coefficients of Ritz vector i in the basis.</param>
internal sealed record RitzPairs(double[] Values, double[,] Coefficients)
{
    /// <summary>The pairs of an empty space.</summary>
    public static RitzPairs None { get; } = new([], new double[0, 0]);

    public int Count => Values.Length;
}
