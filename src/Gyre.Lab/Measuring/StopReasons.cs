using Gyre.Spectral;

namespace Gyre.Lab.Measuring;

/// <summary>The reasons for which a solver stopped, as they are named in files.</summary>
internal static class StopReasons
{
    private const string Converged = "converged";
    private const string InvariantSubspace = "invariant_subspace";
    private const string Rounding = "rounding";

    public static string NameOf(StopReason reason) =>
        reason switch
        {
            StopReason.Converged => Converged,
            StopReason.InvariantSubspace => InvariantSubspace,
            StopReason.ProductLimit => "product_limit",
            StopReason.Rounding => Rounding,
            StopReason.NotFinite => "not_finite",
            _ => "cancelled",
        };

    /// <summary>Returns whether a solve that ended for this reason has found all there is to find.</summary>
    public static bool IsResult(string name) => name is Converged or Rounding or InvariantSubspace;
}
