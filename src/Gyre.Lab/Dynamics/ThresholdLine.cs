namespace Gyre.Lab.Dynamics;

/// <summary>
/// The threshold between measurements, which goes as one over eta. Pure.
/// </summary>
internal static class ThresholdLine
{
    /// <summary>
    /// The threshold at every step: that of the latest measurement, or of the first at steps before it, times eta there
    /// over eta here. NaN after a measurement whose own step is missing, since its eta is not known.
    /// </summary>
    /// <param name="steps">Rising.</param>
    /// <param name="rates">eta at each of them.</param>
    /// <param name="measured">Steps that were measured, rising.</param>
    /// <param name="thresholds">The threshold at each of these.</param>
    /// <returns>As many as steps; NaN where nothing was measured.</returns>
    public static double[] AtEachStep(
        ReadOnlySpan<double> steps,
        ReadOnlySpan<double> rates,
        ReadOnlySpan<double> measured,
        ReadOnlySpan<double> thresholds
    )
    {
        var values = new double[steps.Length];
        var (next, unit) = (0, double.NaN);
        for (var i = 0; i < steps.Length; i++)
        {
            for (; next < measured.Length && (next == 0 || measured[next] <= steps[i]); next++)
                unit =
                    steps.BinarySearch(measured[next]) is var place && place >= 0
                        ? thresholds[next] * rates[place]
                        : double.NaN;
            values[i] = unit / rates[i];
        }
        return values;
    }
}
