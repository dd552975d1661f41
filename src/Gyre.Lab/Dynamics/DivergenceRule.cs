namespace Gyre.Lab.Dynamics;

/// <summary>
/// Divergence: the loss is not finite, or above a multiple of its start for a number of steps in a row. A result, not
/// an error. Fed step by step.
/// </summary>
/// <param name="multiple">Of the loss at step 0.</param>
/// <param name="steps">In a row.</param>
internal sealed class DivergenceRule(double multiple, int steps)
{
    private double _start = double.NaN;
    private int _above;

    /// <summary>Takes the loss of the next step; returns the sentence that names divergence, or null.</summary>
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
