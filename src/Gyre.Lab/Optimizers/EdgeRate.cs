using Gyre.Lab.Keys;

namespace Gyre.Lab.Optimizers;

/// <summary>The keys of the section [training] that make the learning rate follow the sharpness.</summary>
internal sealed record EdgeRateOptions
{
    /// <summary>c: eta in units of the edge at the measured sharpness; 0 leaves eta to the schedule.</summary>
    [SpecKey(
        "above 0: eta = this times the threshold rate at the sharpness of the latest burst's first step, from the "
            + "next step on; training.learning_rate until then (docs/optimizers.md)",
        Name = "edge_rate",
        Least = 0,
        Most = 100
    )]
    public double Share { get; init; }

    /// <summary>The number of measurements whose largest sharpness counts as one peak.</summary>
    [SpecKey(
        "number of bursts whose largest sharpness is one peak. Default: chosen",
        Name = "edge_window",
        Least = 1,
        Most = 1e9,
        UsedWhere = "training.edge_rate"
    )]
    public int Window { get; init; } = 5;

    /// <summary>The value of c after the peaks have stopped falling.</summary>
    [SpecKey(
        "value of training.edge_rate once peaks have stopped falling; if equal: never "
            + "reduced. Default: a tenth of the edge (He et al. 2016 reduce by ten)",
        Name = "edge_reduced",
        Above = 0,
        Most = 100,
        UsedWhere = "training.edge_rate"
    )]
    public double ReducedTo { get; init; } = 0.1;
}

/// <summary>
/// A learning rate that keeps its distance to the edge: eta = c·K/S. K/eta is the edge of the rule (2/eta for
/// descent), and S is the latest sharpness at the first step of a burst, used from the step after it on. Above c = 1
/// every step is unstable and the landscape must flatten; below it no step is. Flattening is over when the largest S
/// of a window of measurements, having fallen before, is no longer below 0.99 of that of the previous window. c is
/// then reduced for good. This makes a rule of the advice of 2412.17613, large until peaks stop falling and then
/// small (compare the learning-rate tuners of 2407.06183, which keep c forever). The learning rate is a function of
/// the sharpness values alone: a resumed run recomputes it from its records.
/// </summary>
/// <param name="initial">eta until the first measurement.</param>
/// <param name="unit">K.</param>
/// <param name="options">c and its reduction.</param>
internal sealed class EdgeRate(double initial, double unit, EdgeRateOptions options)
{
    /// <summary>
    /// A peak above this share of the previous one has not fallen (chosen: error bars of eigenvalues are far
    /// smaller).
    /// </summary>
    private const double Fallen = 0.99;

    private readonly List<double> _window = [];
    private double _peak = double.NaN;
    private bool _fell;

    /// <summary>The present eta.</summary>
    public double Rate { get; private set; } = initial;

    /// <summary>Whether c has been reduced.</summary>
    public bool Reduced { get; private set; }

    /// <summary>
    /// Takes the sharpness of a burst's first step. A value that is not positive and finite leaves the learning rate
    /// unchanged. An increase is limited to a factor of two, so that a single flat moment does not throw the run off.
    /// </summary>
    public void Next(double sharpness)
    {
        if (!(sharpness > 0 && double.IsFinite(sharpness)))
            return;
        _window.Add(sharpness);
        if (_window.Count == options.Window)
            EndWindow();
        Rate = Math.Min(2 * Rate, (Reduced ? options.ReducedTo : options.Share) * unit / sharpness);
    }

    private void EndWindow()
    {
        var peak = _window.Max();
        _window.Clear();
        if (_fell && peak >= Fallen * _peak)
            Reduced = true;
        _fell |= peak < Fallen * _peak;
        _peak = peak;
    }
}
