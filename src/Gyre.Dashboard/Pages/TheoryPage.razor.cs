using System.Globalization;
using Gyre.Dashboard.Charts;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Statistics;
using Gyre.Lab.Theory;
using Microsoft.AspNetCore.Components;

namespace Gyre.Dashboard.Pages;

/// <summary>The interactive two-parameter network.</summary>
public partial class TheoryPage
{
    /// <summary>
    /// Charts take longer to draw than the surface. While a start is dragged, they are updated at this interval.
    /// </summary>
    private static readonly TimeSpan ChartPace = TimeSpan.FromMilliseconds(300);

    private static readonly TimeSpan PlayPace = TimeSpan.FromMilliseconds(160);

    private TheoryState _state = TheoryState.Default;
    private TheoryStudy? _study;
    private SurfaceFrame _frame = new(-1, -1, 2);
    private IReadOnlyList<string> _flaws = [];
    private IReadOnlyList<Chart> _charts = [];
    private ViewAddress? _shownAt;
    private long _chartedAt;
    private bool _chartsFollow;
    private int _step;
    private bool _playing;
    private CancellationTokenSource? _player;

    /// <inheritdoc/>
    protected override TimeSpan Pause => TimeSpan.FromHours(1); // nothing here changes by itself

    private int Last => _study!.Points.Count - 1;

    /// <inheritdoc/>
    protected override bool Look()
    {
        if (_shownAt == Address)
            return false;
        _shownAt = Address;
        var (state, flaws) = TheoryState.Parse(Address);
        if (_study?.State != state)
            _study = TheoryStudy.Create(state);
        (_state, _flaws, _step) = (state, flaws, state.Step);
        _frame = SurfaceFrame.FromStudy(_study);
        Draw();
        return true;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _player?.Cancel();
        _player?.Dispose();
        base.Dispose(disposing);
    }

    private void MoveTo((double X, double Y) place) => Show(_state.From(place.X, place.Y));

    /// <summary>
    /// Shows a state that is not in the address yet. The visible part of the plane stays, so that it does not move
    /// during a drag.
    /// </summary>
    private void Show(TheoryState state)
    {
        if (state == _state)
            return;
        (_state, _study) = (state, TheoryStudy.Create(state));
        if (Library.Clock.GetElapsedTime(_chartedAt) is var since && since >= ChartPace)
            Draw();
        else if (!_chartsFollow)
            _ = DrawLaterAsync(ChartPace - since);
    }

    private void Draw() => (_charts, _chartedAt) = (TheoryCharts.Create(_study!), Library.Clock.GetTimestamp());

    /// <summary>Draws the charts when the pointer rests, since there is no further move to trigger it.</summary>
    private async Task DrawLaterAsync(TimeSpan pause)
    {
        _chartsFollow = true;
        await Task.Delay(pause, Library.Clock).ConfigureAwait(true);
        _chartsFollow = false;
        if (Left)
            return;
        try
        {
            Draw();
            StateHasChanged();
        }
        catch (Exception error)
        {
            await DispatchExceptionAsync(error).ConfigureAwait(true); // no caller awaits this task: the frame shows the error
        }
    }

    private void LookAt(double step) => _step = (int)step;

    /// <summary>Writes the state into the address.</summary>
    private void Keep() => Navigate((_state with { Step = Math.Min(_step, _state.Steps) }).AddTo(Address));

    private void PreviewX(ChangeEventArgs change) =>
        Preview(change, TheoryState.Reach, x => Show(_state.From(x, _state.Y)));

    private void PreviewY(ChangeEventArgs change) =>
        Preview(change, TheoryState.Reach, y => Show(_state.From(_state.X, y)));

    private void PreviewEta(ChangeEventArgs change) =>
        Preview(change, EtaScale.Marks, mark => Show(_state.At(EtaScale.Eta(mark))));

    private static void Preview(ChangeEventArgs change, double most, Action<double> show)
    {
        if (double.TryParse(change.Value as string, NumberStyles.Float, CultureInfo.InvariantCulture, out var value))
            show(Math.Clamp(value, -most, most));
    }

    /// <summary>Takes a number as typed; the reader of the address reports impossible ones.</summary>
    private void Set(string name, object? value) =>
        Navigate((_state with { Step = _step }).AddTo(Address).With(name, value as string));

    private void SetEdge(object? value)
    {
        if (
            double.TryParse(value as string, NumberStyles.Float, CultureInfo.InvariantCulture, out var units)
            && _study!.Points[0].Sharpness > 0
        )
            Navigate(_state.At(2 * units / _study.Points[0].Sharpness).AddTo(Address));
    }

    private void Zoom((double From, double To)? stretch) =>
        Navigate(Address.With(stretch is { } chosen ? new Window(chosen.From, chosen.To) : Window.All));

    /// <summary>A click on a chart over steps chooses that step; on the map of starts it chooses that start.</summary>
    private void Choose(string chart, (double X, double Y) place)
    {
        if (chart != TheoryCharts.StartsId)
        {
            _step = (int)Math.Clamp(Math.Round(place.X), 0, Last);
            Keep();
            return;
        }
        var (x, y) = TwoParameterModel.Point(Math.CopySign(place.X, _study!.Imbalance), _state.X * _state.Y);
        var sign = Math.Sign(_state.X);
        Navigate(_state.From(sign * x, sign * y).At(place.Y).AddTo(Address));
    }

    private async Task PlayAsync()
    {
        if (_playing)
        {
            if (_player is { } player)
                await player.CancelAsync().ConfigureAwait(true);
            return;
        }
        (_playing, _player) = (true, new CancellationTokenSource());
        _step = _step >= Last ? 0 : _step;
        try
        {
            using var timer = new PeriodicTimer(PlayPace, Library.Clock);
            while (_step < Last && await timer.WaitForNextTickAsync(_player.Token).ConfigureAwait(true))
            {
                _step++;
                StateHasChanged();
            }
        }
        catch (OperationCanceledException)
        {
            // Paused, or the page was left.
        }
        _playing = false;
        if (!Left)
            Keep();
    }

    private string StepDescription()
    {
        var point = _study!.Points[Math.Min(_step, Last)];
        return string.Create(
            CultureInfo.InvariantCulture,
            $"Step {point.Step} of {Last}: x = {NumberText.Format(point.Theta[0], 4)}, y = "
                + $"{NumberText.Format(point.Theta[1], 4)}, loss {NumberText.Format(point.Loss, 3)}, sharpness "
                + $"{NumberText.Format(point.Sharpness, 4)} "
                + $"({NumberText.Format(point.Sharpness / _study.Descent.Threshold, 3)} of 2/eta), v1 at "
                + $"{NumberText.Format(_study.Angles[(int)point.Step], 4)}°"
        );
    }

    private static string Verdict(TheoryStudy study)
    {
        var outcome =
            $"By the rules of docs/theory.md: {SnakeCase.Spaced(study.Descent.Outcome.Name)} — "
            + $"{study.Descent.Outcome.Rule}.";
        if (study.TurnedForGood is not { } turned)
            return outcome;
        var flatter = 100 * (1 - study.Points[^1].Sharpness / study.Flow.Sharpness);
        return $"{outcome} It ended {NumberText.Format(Math.Abs(flatter), 3)} % {(flatter >= 0 ? "flatter" : "sharper")} "
            + $"than gradient flow (sharpness {NumberText.Format(study.Points[^1].Sharpness, 4)} against "
            + $"{NumberText.Format(study.Flow.Sharpness, 4)}), with a lasting rotation of v1 by "
            + $"{NumberText.Format(Math.Abs(turned), 3)}° {(study.TurnedAway ? "away from" : "toward")} the axis of "
            + "the smaller factor.";
    }

    private static string Levels =>
        string.Join(", ", SurfaceDrawing.Levels.Select(level => level.ToString(CultureInfo.InvariantCulture)));

    private static string? Current(bool chosen) => chosen ? "true" : null;

    private static string Bound(int sign) => Text(sign * TheoryState.Reach);

    private static string Text(double value) => value.ToString("0.#####", CultureInfo.InvariantCulture);

    /// <summary>Learning rates on a slider, on a logarithmic scale.</summary>
    private static class EtaScale
    {
        public const int Marks = 400;

        private const double First = 0.01;

        public static double Mark(double eta) =>
            Math.Clamp(Math.Round(Marks * Math.Log(eta / First) / Math.Log(TheoryState.LargestEta / First)), 0, Marks);

        /// <summary>Rounds to three digits.</summary>
        public static double Eta(double mark) =>
            double.Parse(
                (First * Math.Pow(TheoryState.LargestEta / First, Math.Max(0, mark) / Marks)).ToString(
                    "G3",
                    CultureInfo.InvariantCulture
                ),
                CultureInfo.InvariantCulture
            );
    }
}
