using Gyre.Lab.Mpi;
using Gyre.Lab.RunFiles;

namespace Gyre.Lab.Running;

/// <summary>The parts of a step whose time is recorded.</summary>
internal enum StepPart
{
    Gradient,
    Curvature,
    Evaluation,
    Files,
}

/// <summary>
/// Sums seconds by part over one step; the time spent on synchronizing with other ranks is a separate part. Code that
/// works on a part declares it in its first line: <c>using var time = clock.Time(part);</c>.
/// </summary>
internal sealed class StepClock(TimeProvider time, RankGroup ranks)
{
    private readonly double[] _seconds = new double[4];
    private long _start = time.GetTimestamp();

    private double MeetingSeconds => ranks.WaitingSeconds + ranks.ExchangeSeconds;

    /// <summary>Counts the time until the result is disposed toward this part of the step.</summary>
    public Lap Time(StepPart part) => new(this, part, time.GetTimestamp(), MeetingSeconds);

    /// <summary>
    /// Returns the record of the step that ends now, with microsecond precision, and begins the next one.
    /// </summary>
    public TimingRecord Take(long step)
    {
        var record = new TimingRecord(
            step,
            SecondsOf(StepPart.Gradient),
            SecondsOf(StepPart.Curvature),
            SecondsOf(StepPart.Evaluation),
            SecondsOf(StepPart.Files),
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

    private double SecondsOf(StepPart part) => Rounded(_seconds[(int)part]);

    private static double Rounded(double seconds) => Math.Round(seconds, 6);

    private void Add(StepPart part, long start, double meeting) =>
        _seconds[(int)part] += time.GetElapsedTime(start).TotalSeconds - (MeetingSeconds - meeting);

    /// <summary>A stretch of time that belongs to a part of the step.</summary>
    internal readonly struct Lap(StepClock clock, StepPart part, long start, double meeting) : IDisposable
    {
        public void Dispose() => clock.Add(part, start, meeting);
    }
}
