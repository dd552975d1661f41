using Gyre.Lab.Quantities;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Specs;

namespace Gyre.App.Live;

/// <summary>
/// The state of a run in progress, read from the lines of its files, without querying the process that runs it.
/// </summary>
internal sealed class RunProgress(RunSpec spec, RunFolder folder, TimeProvider time)
{
    /// <summary>
    /// The number of polls that the pace is averaged over: some seconds, so that they include steps with and without
    /// a measurement.
    /// </summary>
    private const int PaceWindow = 60;

    private readonly JsonLinesTail<StepRecord> _steps = new(folder.Steps);
    private readonly JsonLinesTail<CurvatureRecord> _curvature = new(folder.Curvature);
    private readonly JsonLinesTail<EventRecord> _events = new(folder.Events);
    private readonly JsonLinesTail<SessionRecord> _sessions = new(folder.Sessions);
    private readonly Queue<(long Done, long Time)> _pace = new();
    private readonly List<string> _notes = [];
    private readonly Dictionary<string, RotationRecord> _rotations = new(StringComparer.Ordinal);
    private readonly List<(long Step, double Ratio)> _ratios = [];
    private long _products;
    private long _measured;
    private bool _begun;

    /// <summary>
    /// Returns the steps of the present checkpoints, if theta comes from checkpoints; null if every step counts.
    /// </summary>
    public Func<IReadOnlyList<long>>? Checkpoints { get; init; }

    /// <summary>The process that works on the run, whose notes are shown; null to show none.</summary>
    public int? Process { get; init; }

    /// <summary>The process's notes on checkpoints, one sentence each, in order of time.</summary>
    public IReadOnlyList<string> Notes => _notes;

    /// <summary>The latest step, or null before the first.</summary>
    public StepRecord? Step { get; private set; }

    /// <summary>The latest measurement, or null before the first.</summary>
    public CurvatureRecord? Measured { get; private set; }

    /// <summary>Returns the latest rotation of a kind, or null before the first.</summary>
    public RotationRecord? Latest(Quantity kind) => _rotations.GetValueOrDefault(kind.Name);

    /// <summary>Test accuracy at the last evaluation, 0 to 1.</summary>
    public double? TestAccuracy { get; private set; }

    /// <summary>The number of instabilities so far.</summary>
    public int Cycles { get; private set; }

    /// <summary>Whether the latest instability is still open.</summary>
    public bool Unstable { get; private set; }

    /// <summary>The number of updates the run will make; an upper bound if <see cref="MayEndBefore"/>.</summary>
    public int Steps => spec.Training.Steps;

    /// <summary>Whether a condition may end the run before its last step.</summary>
    public bool MayEndBefore => spec.Training.Until.Any;

    /// <summary>The number of updates or checkpoints done.</summary>
    public long Done => Checkpoints is null ? Step?.Step ?? 0 : _measured;

    /// <summary>
    /// The total number of updates, or of checkpoints: those done, plus those after the latest one.
    /// </summary>
    public long Total =>
        Checkpoints is null ? Steps : _measured + Checkpoints().Count(step => Step is null || step > Step.Step);

    /// <summary>The share done, 0 to 1.</summary>
    public double Share => Done == 0 ? 0 : Math.Clamp((double)Done / Math.Max(1, Total), 0, 1);

    /// <summary>The first and the last step of the run, as far as known.</summary>
    private (long First, long Last) Extent
    {
        get
        {
            if (Checkpoints is null)
                return (0, Steps);
            var (steps, latest) = (Checkpoints(), Step?.Step ?? 0);
            return steps.Count == 0 ? (0, latest) : (steps[0], Math.Max(latest, steps[^1]));
        }
    }

    /// <summary>S divided by the threshold at the latest measurement.</summary>
    public double? Ratio => Measured is null ? null : Measured.Sharpness / Measured.Threshold;

    /// <summary>Mean number of products per measurement.</summary>
    public double? Products => _ratios.Count == 0 ? null : (double)_products / _ratios.Count;

    /// <summary>The time left at the pace of the last seconds; null while the pace is unknown.</summary>
    public TimeSpan? Left
    {
        get
        {
            if (Step is null || _pace.Count < 2)
                return null;
            var (first, last) = (_pace.Peek(), _pace.Last());
            var left =
                time.GetElapsedTime(first.Time, last.Time).TotalSeconds / (last.Done - first.Done) * (Total - Done);
            return left < TimeSpan.MaxValue.TotalSeconds / 2 ? TimeSpan.FromSeconds(left) : null;
        }
    }

    /// <summary>Reads new lines of the run's files.</summary>
    /// <returns>Whether there were new steps.</returns>
    public bool Poll()
    {
        var steps = _steps.Poll();
        foreach (var step in steps)
            (Step, TestAccuracy, _measured) = (step, step.TestAccuracy ?? TestAccuracy, _measured + 1);
        foreach (var record in _curvature.Poll())
            Take(record);
        foreach (var happened in _events.Poll())
            Take(happened);
        if (Process is { } process)
            _notes.AddRange(
                _sessions
                    .Poll()
                    .Where(one =>
                        one.Process == process && one.Kind is (SessionKinds.PassedOver or SessionKinds.Remark)
                    )
                    .Select(one => one.Detail ?? "")
            );
        if (steps.Count > 0)
            Pace();
        return steps.Count > 0;
    }

    /// <summary>
    /// Returns the largest ratio of S to the threshold in each of the given number of equal parts of the run; NaN for
    /// parts without a measurement.
    /// </summary>
    public double[] RatioHistory(int parts)
    {
        var history = new double[parts];
        Array.Fill(history, double.NaN);
        var (first, last) = Extent;
        foreach (var (step, ratio) in _ratios)
        {
            var part = (int)Math.Clamp((step - first) * parts / Math.Max(1, last - first), 0, parts - 1);
            history[part] = double.IsNaN(history[part]) ? ratio : Math.Max(history[part], ratio);
        }
        return history;
    }

    private void Take(CurvatureRecord record)
    {
        Measured = record;
        foreach (var (kind, rotation) in QuantityCatalog.Turned(record))
            _rotations[kind.Name] = rotation;
        _products += record.Products;
        _ratios.Add((record.Step, record.Sharpness / record.Threshold));
    }

    private void Take(EventRecord happened)
    {
        if (happened.Kind is not (EventKinds.Onset or EventKinds.Resolution))
            return;
        Cycles = Math.Max(Cycles, happened.Cycle ?? 0);
        Unstable = happened.Kind == EventKinds.Onset;
    }

    /// <summary>
    /// Updates the pace. The lines of an earlier process arrive all at once and do not reflect the pace; neither do
    /// steps that a resume repeats.
    /// </summary>
    private void Pace()
    {
        if (!_begun && Done > 1)
        {
            _begun = true;
            return;
        }
        _begun = true;
        if (_pace.Count > 0 && Done <= _pace.Last().Done)
            _pace.Clear();
        _pace.Enqueue((Done, time.GetTimestamp()));
        if (_pace.Count > PaceWindow)
            _pace.Dequeue();
    }
}
