namespace Gyre.Lab.Dynamics;

/// <summary>
/// Detects divergence: the loss is not finite, or above a multiple of its initial value for a number of consecutive
/// steps. Divergence is a result, not an error. The rule takes the steps one by one.
/// </summary>
/// <param name="multiple">Multiple of the loss at step 0.</param>
/// <param name="steps">The number of consecutive steps.</param>
internal sealed class DivergenceRule(double multiple, int steps)
{
    private double _start = double.NaN;
    private int _above;

    /// <summary>
    /// Takes the loss of the next step. Returns a sentence that states why the run diverged, or null if it did not.
    /// </summary>
    public string? Next(double loss)
    {
        if (!double.IsFinite(loss))
            return "the loss is not finite";
        if (double.IsNaN(_start))
            _start = loss;
        _above = loss > multiple * _start ? _above + 1 : 0;
        return _above >= steps
            ? FormattableString.Invariant($"the loss was above {multiple:0.###} times its start for {steps} steps")
            : null;
    }
}
