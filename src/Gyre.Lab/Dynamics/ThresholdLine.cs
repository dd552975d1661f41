namespace Gyre.Lab.Dynamics;

/// <summary>The threshold between measurements, which is proportional to 1/eta. Pure.</summary>
internal static class ThresholdLine
{
    /// <summary>
    /// Returns the threshold at every step: that of the latest measurement, or of the first one for steps before it,
    /// times eta at the measurement over eta at the step. It is NaN after a measurement whose own step is missing,
    /// since its eta is unknown.
    /// </summary>
    /// <param name="steps">The steps, in increasing order.</param>
    /// <param name="rates">eta at each step.</param>
    /// <param name="measured">The measured steps, in increasing order.</param>
    /// <param name="thresholds">The threshold at each measured step.</param>
    /// <returns>One value per step; NaN if nothing was measured.</returns>
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
