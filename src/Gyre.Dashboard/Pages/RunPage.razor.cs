using Gyre.Dashboard.Charts;
using Gyre.Dashboard.Reading;
using Gyre.Lab.Quantities;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Specs;
using Gyre.Lab.Statistics;
using Gyre.Torch;
using Microsoft.AspNetCore.Components;

namespace Gyre.Dashboard.Pages;

/// <summary>A run: its charts over steps or training time, and its facts.</summary>
public partial class RunPage
{
    private RunSnapshot? _run;
    private ViewAddress? _drawnAt;
    private IReadOnlyList<Chart> _charts = [];
    private string _status = "";
    private IReadOnlyList<(string Key, long Step)> _landscapes = [];
    private string? _from;
    private string? _to;

    /// <summary>Address of the run below the served folder.</summary>
    [Parameter]
    public string? Key { get; set; }

    /// <inheritdoc/>
    protected override bool Missing => _run is null;

    private bool Time => Address["axis"] == RunCharts.TimeAxis;

    private double Last => Time ? _run!.Steps.Last("time") : _run!.LastStep;

    /// <inheritdoc/>
    protected override void Arrive()
    {
        var before = (Address["from"], Address["to"]);
        base.Arrive();
        if ((Address["from"], Address["to"]) is var now && now != before) // else what is being typed would be lost
            (_from, _to) = now;
    }

    /// <inheritdoc/>
    protected override bool Look()
    {
        var run = Library.Run(Address.Key);
        var status = run is null ? "" : StatusOf(run);
        var landscapes = run is null ? [] : Library.LandscapesOf(run.Key);
        if (
            run?.Version == _run?.Version
            && run?.Key == _run?.Key
            && _drawnAt == Address
            && status == _status
            && landscapes.SequenceEqual(_landscapes)
        )
            return false;
        // Lines are recreated only if numbers or the axis change; a chart without changes is not redrawn.
        if (run is not null && (run != _run || _drawnAt?["axis"] != Address["axis"]))
            _charts = [.. RunCharts.Create(run, Address).Select(chart => _charts.FirstOrDefault(chart.Like) ?? chart)];
        (_run, _drawnAt, _status, _landscapes) = (run, Address, status, landscapes);
        return true;
    }

    private string StatusOf(RunSnapshot run)
    {
        if (run.Gone)
            return "deleted";
        if (run.Summary is { } summary)
            return SnakeCase.Spaced(summary.Outcome);
        return Library.Clock.GetUtcNow().UtcDateTime - run.Changed < RunRows.Quiet ? RunRow.Running : RunRow.Stopped;
    }

    private string? Sweep() => Library.Find(_run!.Key, FoundKind.Run)?.Sweep is { Length: > 0 } sweep ? sweep : null;

    private string Lead() => string.Join(" · ", Progress().Concat(Latest()).Concat(TimeLeft()));

    /// <summary>The prefix for a run that may end before its last step.</summary>
    private string AtMost => _run!.Spec?.Training.Until.Any == true ? "at most " : "";

    private IEnumerable<string> Progress()
    {
        var planned =
            _run!.Spec is { } spec && spec.Training.Steps < MeasuredSpec.Unbounded
                ? FormattableString.Invariant($" of {AtMost}{spec.Training.Steps}")
                : "";
        yield return _run.LastStep < 0 ? "no step yet" : FormattableString.Invariant($"step {_run.LastStep}{planned}");
    }

    private IEnumerable<string> Latest()
    {
        var (steps, curvature) = (_run!.Steps, _run.Curvature);
        if (double.IsFinite(steps.Last("loss")))
            yield return $"loss {NumberText.Format(steps.Last("loss"), 4)}";
        if (double.IsFinite(steps.Last("test_accuracy")))
            yield return $"test accuracy {NumberText.Format(steps.Last("test_accuracy"), 3)} %";
        var threshold = double.IsFinite(curvature.Last("threshold"))
            ? $" of threshold {NumberText.Format(curvature.Last("threshold"), 4)}"
            : "";
        if (double.IsFinite(curvature.Last("sharpness")))
            yield return $"sharpness {NumberText.Format(curvature.Last("sharpness"), 4)}{threshold}";
        var cycles = _run.Cycles.Count;
        if (curvature.Count > 0)
            yield return FormattableString.Invariant(
                $"{cycles} {Counted.Noun(cycles, "instability", "instabilities")}"
            );
    }

    private IEnumerable<string> TimeLeft()
    {
        if (
            _status == RunRow.Running
            && _run!.Spec is { } spec
            && spec.Training.Steps < MeasuredSpec.Unbounded
            && _run.SecondsPerStep is > 0 and var seconds
        )
            yield return (AtMost.Length > 0 ? AtMost : "about ")
                + $"{DurationText.Format((spec.Training.Steps - _run.LastStep) * seconds)} left";
    }

    private IEnumerable<string> Sentences()
    {
        if (_run!.Gone)
            yield return "Its folder no longer exists. This page shows what was read earlier.";
        if (_run.Summary is null && _run.Sessions is [.., { Kind: SessionKinds.Failed } failed])
            yield return $"Its process failed at step {failed.Step}: {failed.Detail}";
        foreach (var flaw in WindowFlaws().Concat(_run.Flaws))
            yield return flaw;
    }

    private IEnumerable<string> WindowFlaws()
    {
        string[] ends = ["from", "to"];
        foreach (var name in ends.Where(name => Address[name] is not null && Address.Number(name) is null))
            yield return $"“{Address[name]}” is not a number: {name} is ignored.";
        if (_run!.Steps.Count > 0 && Address.Window is var window && (window.From > Last || window.To < 0))
            yield return $"The range is outside this run, which has 0 to {NumberText.Format(Last, 6)}.";
    }

    /// <summary>Returns the same view over the other axis, with its range.</summary>
    private string Over(string? axis)
    {
        var (from, to) = ColumnsTo(time: axis is not null);
        double? Moved(double? end) => end is { } place ? _run!.Steps.At(from, place, to) : null;
        return Address
            .With("axis", axis)
            .With(new Window(Moved(Address.Window.From), Moved(Address.Window.To)))
            .ToString();
    }

    /// <summary>
    /// Returns the columns in which a place of this axis is found, and its place on the other is read.
    /// </summary>
    private (string From, string To) ColumnsTo(bool time)
    {
        if (Time == time)
            return ("step", "step");
        return Time ? ("time", "step") : ("step", "time");
    }

    private static string? Current(bool chosen) => chosen ? "true" : null;

    private void Narrow() => Navigate(Address.With("from", _from).With("to", _to));

    private void Zoom((double From, double To)? stretch) => Navigate(Address.With(WindowOf(stretch)));

    /// <summary>Rounds to whole steps.</summary>
    private Window WindowOf((double From, double To)? stretch)
    {
        if (stretch is not { } chosen)
            return Window.All;
        return Time
            ? new Window(chosen.From, chosen.To)
            : new Window(Math.Max(0, Math.Floor(chosen.From)), Math.Ceiling(chosen.To));
    }
}
