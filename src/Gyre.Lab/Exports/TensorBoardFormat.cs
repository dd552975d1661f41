using Gyre.Lab.Quantities;
using Gyre.Lab.RunFiles;

namespace Gyre.Lab.Exports;

/// <summary>
/// Event files for TensorBoard, one folder per run: scalars by step, with the wall time at which they were computed.
/// </summary>
internal static class TensorBoardFormat
{
    /// <summary>TensorBoard recognizes its files by "tfevents" in the name.</summary>
    private const string FileName = "events.out.tfevents.gyre";

    /// <summary>Returns one file per run.</summary>
    public static IEnumerable<ExportFile> Files(ExportSource source) =>
        source.Runs.Select(one => new ExportFile(Path.Combine(one.Name, FileName), stream => Write(one.Run, stream)));

    /// <summary>Writes the scalars of a run; the stream stays open.</summary>
    private static void Write(RunReader run, Stream stream)
    {
        var clock = Clock(run);
        double At(long step) => clock.Count == 0 ? step : clock[(int)Math.Min(step, clock.Count - 1)];
        var file = new EventFile(stream, At(0));
        foreach (var step in run.EachStep())
            file.Add(At(step.Step), step.Step, GetScalars(step));
        foreach (var measured in run.EachCurvature())
            file.Add(At(measured.Step), measured.Step, GetScalars(measured));
    }

    private static IEnumerable<(string Tag, double? Value)> GetScalars(StepRecord step) =>
        QuantityCatalog.PerStep.Select(quantity => (quantity.Tag, (double?)quantity.FromStep!(step).Value));

    private static IEnumerable<(string Tag, double? Value)> GetScalars(CurvatureRecord measured) =>
        [
            .. QuantityCatalog.PerMeasurement.Select(quantity =>
                (quantity.Tag, (double?)quantity.FromMeasurement!(measured).Value)
            ),
            ("curvature/follow", measured.Follow is null ? 0 : 1),
            .. QuantityCatalog
                .Eigenvalues.Read(measured)
                .Select((value, rank) => (QuantityCatalog.Eigenvalues.TagAt(rank), (double?)value)),
        ];

    /// <summary>
    /// Returns the time at which each step was done, in seconds since 1970. It is computed from the run's start and
    /// the durations of its steps, so that a folder always exports to the same file.
    /// </summary>
    private static List<double> Clock(RunReader run)
    {
        var now = run.ReadEnvironment()?.Started.ToUnixTimeMilliseconds() / 1000.0 ?? 0;
        var clock = new List<double>();
        foreach (var step in run.EachTiming())
        {
            // A resumed run repeats the steps since its checkpoint; a fork begins in the middle.
            if (step.Step < clock.Count)
                clock.RemoveRange((int)step.Step, clock.Count - (int)step.Step);
            while (clock.Count < step.Step)
                clock.Add(now);
            now += step.Total;
            clock.Add(now);
        }
        return clock;
    }
}
