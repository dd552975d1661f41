using System.Globalization;
using Gyre.Dashboard.Charts;
using Gyre.Lab.Statistics;
using Gyre.Lab.Theory;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.JSInterop;

namespace Gyre.Dashboard.Pages;

/// <summary>The surface of two parameters, on which the start can be dragged.</summary>
public partial class SurfaceView
{
    private const string PadId = "surface-pad";
    private const double Nominal = 600;

    private TheoryStudy _study = null!;
    private SurfaceFrame? _frame;
    private string _flow = "",
        _descent = "",
        _dots = "",
        _others = "",
        _end = "";
    private (double Across, double Down) _flowEnd;
    private IJSObjectReference? _pad;
    private PadSize _size = new(Nominal, Nominal);
    private (double X, double Y)? _wanted;
    private bool _busy,
        _dragging;
    private EventCallback<PointerEventArgs> _move,
        _up;

    [Inject]
    private IJSRuntime Scripts { get; set; } = null!;

    /// <summary>The descent that is drawn.</summary>
    [Parameter]
    [EditorRequired]
    public object Study { get; set; } = null!;

    /// <summary>The part of the plane.</summary>
    [Parameter]
    [EditorRequired]
    public object Frame { get; set; } = null!;

    /// <summary>The chosen step.</summary>
    [Parameter]
    public int Step { get; set; }

    /// <summary>Called while the start is dragged to a place.</summary>
    [Parameter]
    public EventCallback<(double X, double Y)> Moved { get; set; }

    /// <summary>Called when it is released.</summary>
    [Parameter]
    public EventCallback Dropped { get; set; }

    private SurfaceFrame Seen => (SurfaceFrame)Frame;

    private ExactPoint Chosen => _study.Points[Math.Min(Step, _study.Points.Count - 1)];

    private (double Across, double Down) At => Near(Chosen.Theta[0], Chosen.Theta[1]);

    private (double Across, double Down) From => Seen.Place(_study.State.X, _study.State.Y);

    /// <inheritdoc/>
    protected override void OnParametersSet()
    {
        var study = (TheoryStudy)Study;
        if (ReferenceEquals(study, _study) && Seen == _frame)
            return;
        (_study, _frame) = (study, Seen);
        (_flow, _descent, _dots, _others) = (
            SurfaceDrawing.Flow(Seen, study),
            SurfaceDrawing.Descent(Seen, study),
            SurfaceDrawing.Dots(Seen, study),
            SurfaceDrawing.Others(Seen, study)
        );
        _end = study.FlowSettles ? SurfaceDrawing.Leading(Seen, study.Flow.Theta[0], study.Flow.Theta[1]) : "";
        _flowEnd = Seen.Place(study.Flow.Theta[0], study.Flow.Theta[1]);
    }

    /// <inheritdoc/>
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
            await MeasureAsync().ConfigureAwait(true);
    }

    private async Task DownAsync(PointerEventArgs pointer)
    {
        if (pointer.Button != 0 || !pointer.IsPrimary)
            return;
        _dragging = true;
        // Moves are observed only while a button is down: a pointer that passes over causes no requests.
        (_move, _up) = (
            EventCallback.Factory.Create<PointerEventArgs>(this, MoveAsync),
            EventCallback.Factory.Create<PointerEventArgs>(this, UpAsync)
        );
        await MeasureAsync().ConfigureAwait(true);
        await CaptureAsync(pointer.PointerId).ConfigureAwait(true);
        await FollowAsync(pointer).ConfigureAwait(true);
    }

    private Task MoveAsync(PointerEventArgs pointer)
    {
        if (!_dragging)
            return Task.CompletedTask;
        return (pointer.Buttons & 1) == 0 ? UpAsync(pointer) : FollowAsync(pointer);
    }

    private async Task UpAsync(PointerEventArgs pointer)
    {
        if (!_dragging)
            return;
        _dragging = false;
        (_move, _up) = (default, default);
        await Dropped.InvokeAsync().ConfigureAwait(true);
    }

    /// <summary>If moves arrive faster than they can be drawn, the last one counts.</summary>
    private async Task FollowAsync(PointerEventArgs pointer)
    {
        _wanted = Seen.At(pointer.OffsetX / _size.Width, pointer.OffsetY / _size.Height);
        if (_busy)
            return;
        _busy = true;
        try
        {
            await Task.Yield();
            while (_wanted is { } place)
            {
                _wanted = null;
                await Moved.InvokeAsync(place).ConfigureAwait(true);
            }
        }
        finally
        {
            _busy = false;
        }
    }

    /// <summary>The pad fills the window, so only the browser knows its size.</summary>
    private Task MeasureAsync() =>
        Quietly(async () =>
        {
            _pad ??= await Scripts
                .InvokeAsync<IJSObjectReference?>("document.getElementById", PadId)
                .ConfigureAwait(true);
            if (
                _pad is not null
                && await _pad.InvokeAsync<PadSize>("getBoundingClientRect").ConfigureAwait(true)
                    is { Width: > 0, Height: > 0 } size
            )
                _size = size;
        });

    /// <summary>Touch is captured automatically; the mouse is not.</summary>
    private Task CaptureAsync(long pointer) =>
        Quietly(async () =>
        {
            if (_pad is not null)
                await _pad.InvokeVoidAsync("setPointerCapture", pointer).ConfigureAwait(true);
        });

    /// <summary>The button may be up, and the reader gone, before the browser answers.</summary>
    private static async Task Quietly(Func<Task> ask)
    {
        try
        {
            await ask().ConfigureAwait(true);
        }
        catch (Exception error)
            when (error
                    is JSException
                        or JSDisconnectedException
                        or OperationCanceledException
                        or ObjectDisposedException
            )
        {
            // Without capture, a drag ends if the pointer leaves and returns without a button.
        }
    }

    /// <summary>Clamps distant places to numbers that a browser can draw, outside the frame.</summary>
    private (double Across, double Down) Near(double x, double y) => Seen.Place(Finite(x), Finite(y));

    private static double Finite(double value) => double.IsFinite(value) ? Math.Clamp(value, -1e3, 1e3) : 1e3;

    private string Description() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"Loss of two parameters x and y as a map, with {_study.Points.Count - 1} steps of gradient "
                + $"descent from x = {_study.State.X}, y = {_study.State.Y} at eta = {_study.State.Eta}. At step "
                + $"{Chosen.Step} x = {NumberText.Format(Chosen.Theta[0], 4)}, y = {NumberText.Format(Chosen.Theta[1], 4)}, "
                + $"v1 at {NumberText.Format(_study.Angles[(int)Chosen.Step], 4)} degrees from the y axis."
        );

    private static string Text(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    /// <summary>The size of the pad as reported by the browser.</summary>
    /// <param name="Width">Width in pixels.</param>
    /// <param name="Height">Height in pixels.</param>
    private sealed record PadSize(double Width, double Height);
}
