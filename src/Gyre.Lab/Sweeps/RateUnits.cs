namespace Gyre.Lab.Sweeps;

/// <summary>Units of a sweep's learning rates, as named in its section.</summary>
internal static class RateUnits
{
    /// <summary>eta itself.</summary>
    public const string Absolute = "absolute";

    /// <summary>Edge units: eta over 2/S(theta_0).</summary>
    public const string Edge = "edge";
}
