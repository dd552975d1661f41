using Gyre.Lab.Runs;

namespace Gyre.Lab.Experiments;

/// <summary>Where a step's time goes.</summary>
internal enum StepPart
{
    Gradient,
    Curvature,
    Evaluation,
    Files,
}

/// <summary>Sums seconds by part over one step.</summary>
internal sealed class StepClock(TimeProvider time)
{
    private readonly double[] _seconds = new double[4];
    private long _start = time.GetTimestamp();

    public T Time<T>(StepPart part, Func<T> act)
    {
        var start = time.GetTimestamp();
        var result = act();
        _seconds[(int)part] += time.GetElapsedTime(start).TotalSeconds;
        return result;
    }

    public void Time(StepPart part, Action act) => Time(part, () =>
    {
        act();
        return true;
    });

    /// <summary>The record of the step that ends now, in microseconds' precision; the next begins.</summary>
    public TimingRecord Take(long step)
    {
        var record = new TimingRecord(step, Of(StepPart.Gradient), Of(StepPart.Curvature), Of(StepPart.Evaluation), Of(StepPart.Files), Math.Round(time.GetElapsedTime(_start).TotalSeconds, 6));
        Array.Clear(_seconds);
        _start = time.GetTimestamp();
        return record;
    }

    private double Of(StepPart part) => Math.Round(_seconds[(int)part], 6);
}
