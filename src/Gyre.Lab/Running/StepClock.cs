using Gyre.Lab.Mpi;
using Gyre.Lab.RunFiles;

namespace Gyre.Lab.Running;

/// <summary>Where a step's time goes.</summary>
internal enum StepPart
{
    Gradient,
    Curvature,
    Evaluation,
    Files,
}

/// <summary>Sums seconds by part over one step; what goes into meeting other ranks is a part of its own.</summary>
internal sealed class StepClock(TimeProvider time, RankGroup ranks)
{
    private readonly double[] _seconds = new double[4];
    private long _start = time.GetTimestamp();

    public T Time<T>(StepPart part, Func<T> act)
    {
        var (start, meeting) = (time.GetTimestamp(), ranks.WaitingSeconds + ranks.ExchangeSeconds);
        var result = act();
        _seconds[(int)part] +=
            time.GetElapsedTime(start).TotalSeconds - (ranks.WaitingSeconds + ranks.ExchangeSeconds - meeting);
        return result;
    }

    public void Time(StepPart part, Action act) =>
        Time(
            part,
            () =>
            {
                act();
                return true;
            }
        );

    /// <summary>The record of the step that ends now, in microseconds' precision; the next begins.</summary>
    public TimingRecord Take(long step)
    {
        var record = new TimingRecord(
            step,
            Of(StepPart.Gradient),
            Of(StepPart.Curvature),
            Of(StepPart.Evaluation),
            Of(StepPart.Files),
            Rounded(time.GetElapsedTime(_start).TotalSeconds)
        );
        if (ranks.Count > 1)
        {
            var (waiting, exchange) = ranks.TakeSeconds();
            record = record with { Waiting = Rounded(waiting), Exchange = Rounded(exchange) };
        }
        Array.Clear(_seconds);
        _start = time.GetTimestamp();
        return record;
    }

    private double Of(StepPart part) => Rounded(_seconds[(int)part]);

    private static double Rounded(double seconds) => Math.Round(seconds, 6);
}
