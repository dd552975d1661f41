using System.Globalization;
using Gyre.Lab.Experiments;
using Gyre.Lab.Runs;

namespace Gyre.App.Live;

/// <summary>What is known of a run that is going on, from the lines of its files; the process that runs it is never asked.</summary>
internal sealed class RunProgress(RunSpec spec, RunFolder folder, TimeProvider time)
{
    private const int RateWindow = 40;

    private readonly JsonLinesTail<StepRecord> _steps = new(folder.Steps);
    private readonly JsonLinesTail<CurvatureRecord> _curvature = new(folder.Curvature);
    private readonly JsonLinesTail<EventRecord> _events = new(folder.Events);
    private readonly Queue<(long Step, long Time)> _pace = new();
    private StepRecord? _step;
    private double? _test;
    private CurvatureRecord? _measured;
    private RotationRecord? _flip;
    private RotationRecord? _drift;
    private int _cycles;
    private int _resolved;
    private long _products;
    private int _measurements;

    /// <summary>Reads what is new.</summary>
    /// <returns>Whether anything was.</returns>
    public bool Poll()
    {
        var steps = _steps.Poll();
        foreach (var step in steps)
            (_step, _test) = (step, step.TestAccuracy ?? _test);
        foreach (var record in _curvature.Poll())
            Take(record);
        foreach (var happened in _events.Poll())
        {
            _cycles = happened.Kind == "onset" ? happened.Cycle ?? _cycles : _cycles;
            _resolved = happened.Kind == "resolution" ? happened.Cycle ?? _resolved : _resolved;
        }
        if (steps.Count > 0)
        {
            _pace.Enqueue((_step!.Step, time.GetTimestamp()));
            if (_pace.Count > RateWindow)
                _pace.Dequeue();
        }
        return steps.Count > 0;
    }

    public double Share => _step is null ? 0 : (double)_step.Step / spec.Training.Steps;

    public string Position => $"step {_step?.Step ?? 0}/{spec.Training.Steps}";

    public string Left
    {
        get
        {
            if (_step is null || _pace.Count < 2 || _pace.Last().Step == _pace.Peek().Step)
                return "";
            var perStep = time.GetElapsedTime(_pace.Peek().Time, _pace.Last().Time) / (_pace.Last().Step - _pace.Peek().Step);
            var left = perStep * (spec.Training.Steps - _step.Step);
            return string.Create(CultureInfo.InvariantCulture, $"{(int)left.TotalMinutes}:{left.Seconds:00} left");
        }
    }

    public string Loss => _step is null ? "starting" : string.Create(CultureInfo.InvariantCulture, $"loss {_step.Loss:0.0000}  train {100 * _step.Accuracy:0.0} %{(_test is { } test ? $"  test {(100 * test).ToString("0.0", CultureInfo.InvariantCulture)} %" : "")}");

    /// <summary>S over the threshold, or null before the first measurement.</summary>
    public double? Ratio => _measured is null ? null : _measured.Sharpness / _measured.Threshold;

    public string Sharpness => _measured is null ? "sharpness —" : string.Create(CultureInfo.InvariantCulture, $"sharpness {_measured.Sharpness:0.00} = {Ratio:0.00} × 2/eta");

    public string Rotation => $"flip {Text(_flip)}  drift {Text(_drift)}";

    public string Cycles => _cycles == 0 ? "no instability so far" : _cycles > _resolved ? $"in instability {_cycles}" : $"{_cycles} instabilities, all resolved";

    public string Products => _measurements == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"{(double)_products / _measurements:0.0} products a measurement");

    private void Take(CurvatureRecord record)
    {
        _measured = record;
        _flip = record.Flip ?? _flip;
        _drift = record.Drift ?? _drift;
        _products += record.Products;
        _measurements++;
    }

    private static string Text(RotationRecord? rotation) => rotation is null
        ? "—"
        : string.Create(CultureInfo.InvariantCulture, $"{rotation.Rotation:0.00} ± {(rotation.OverlapHigh - rotation.OverlapLow) / 2:0.00}");
}
