using System.Text.Json;
using Gyre.Dashboard.Charts;
using Gyre.Lab.Statistics;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using Plotly.Blazor;
using Plotly.Blazor.Interop;

namespace Gyre.Dashboard.Pages;

/// <summary>A chart with its buttons.</summary>
public partial class ChartView
{
    /// <summary>
    /// While a mouse button is down, nothing is redrawn, since that would end the dragging of a frame.
    /// </summary>
    private static readonly TimeSpan Held = TimeSpan.FromSeconds(2);

    private const int PictureWidth = 1200;

    private readonly Config _config = PlotlyDrawing.Config();

    private PlotlyChart? _plot;
    private IList<ITrace> _traces = [];
    private Layout _layout = new();
    private Chart? _drawn;
    private (Window Window, bool Logarithmic) _drawnAs;
    private readonly List<Window> _drawnStretches = [];
    private bool _subscribed;
    private bool _heard;
    private bool _waits;
    private long _heldAt;

    [Inject]
    private IJSRuntime Scripts { get; set; } = null!;

    [Inject]
    private TimeProvider Clock { get; set; } = null!;

    /// <summary>The chart.</summary>
    [Parameter]
    [EditorRequired]
    public object Shown { get; set; } = null!;

    /// <summary>The address, with its scale and visible range.</summary>
    [Parameter]
    [EditorRequired]
    public object At { get; set; } = null!;

    /// <summary>Called if the reader chose another range: its ends, or null for the whole range.</summary>
    [Parameter]
    public EventCallback<(double From, double To)?> Zoomed { get; set; }

    /// <summary>Called if the reader clicked at a place.</summary>
    [Parameter]
    public EventCallback<(double X, double Y)> Clicked { get; set; }

    // Parameters of a public component cannot have internal types; these convert them.
    private Chart Chart => (Chart)Shown;

    private ViewAddress Address => (ViewAddress)At;

    /// <summary>The name of the saved file: the view, and the chart in it.</summary>
    private string FileName =>
        string.Join('-', new[] { Address.Key.Split('/')[^1] is { Length: > 0 } key ? key : Address.View, Chart.Id });

    private bool Logarithmic => Address.Logarithmic(Chart);

    private string ScaleDescription => $"{Chart.Title}: {(Logarithmic ? "linear" : "logarithmic")} scale";

    private string ScaleHint =>
        $"{(Logarithmic ? "Linear" : "Logarithmic")} scale {(Chart.Map is null ? "upwards" : "of colors")}";

    /// <inheritdoc/>
    protected override void OnParametersSet()
    {
        var holding = _heldAt != 0 && Clock.GetElapsedTime(_heldAt) < Held;
        if (
            _drawn is not null
            && (
                holding && _drawnAs.Window == Address.Window
                || ReferenceEquals(_drawn, Chart) && _drawnAs == (Address.Window, Logarithmic)
            )
        )
            return;
        _waits = _drawn is not null;
        Draw();
    }

    /// <inheritdoc/>
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!_waits || _plot is null)
            return;
        _waits = false;
        await Quietly(() => _plot.React()).ConfigureAwait(true);
    }

    private void Draw()
    {
        (_drawn, _drawnAs) = (Chart, (Address.Window, Logarithmic));
        _traces = PlotlyDrawing.Traces(Chart, Chart.Linked ? Address.Window : Window.All, Logarithmic);
        _layout = PlotlyDrawing.Layout(Chart, Address.Window, Logarithmic);
        if (!_heard)
            _drawnStretches.Add(_layout.XAxis[0].Range is [double from, double to] ? new Window(from, to) : Window.All);
    }

    private async Task SubscribeAsync()
    {
        if (_subscribed || _plot is null)
            return;
        _subscribed = true;
        if (Clicked.HasDelegate)
            await Quietly(() => _plot.SubscribeClickEvent()).ConfigureAwait(true);
        if (!Zoomed.HasDelegate)
            return;
        await Quietly(() => _plot.SubscribeRelayoutEvent()).ConfigureAwait(true);
        await Quietly(CatchUpAsync).ConfigureAwait(true);
    }

    /// <summary>
    /// The first chart of a page is drawn before the page receives its events, so changes made in between are queried.
    /// </summary>
    private async Task CatchUpAsync()
    {
        if (
            await Scripts
                .InvokeAsync<IJSObjectReference?>("document.getElementById", $"plot-{Chart.Id}")
                .ConfigureAwait(true)
            is not { } plot
        )
            return;
        await using (plot.ConfigureAwait(true))
        {
            try
            {
                var axis = await plot.GetValueAsync<JsonElement>("layout.xaxis").ConfigureAwait(true);
                await ChooseAsync(ChosenStretch.TryParse(axis, _drawnStretches)).ConfigureAwait(true);
            }
            catch (JSException)
            {
                // Not drawn yet: drawing and listening wait for the charts' script one after the other, and nothing
                // comes in between.
            }
        }
        _heard = true;
    }

    private Task RelayoutAsync(RelayoutEventData changed)
    {
        _heldAt = 0;
        return ChooseAsync(ChosenStretch.TryParse(JsonSerializer.SerializeToElement(changed.RawData)));
    }

    private Task ChooseAsync(Window? chosen) =>
        chosen switch
        {
            null => Task.CompletedTask,
            { From: { } from, To: { } to } => Zoomed.InvokeAsync(
                Chart.LogarithmicX ? (Math.Pow(10, from), Math.Pow(10, to)) : (from, to)
            ),
            _ => Zoomed.InvokeAsync(null),
        };

    private Task ClickAsync(IEnumerable<EventDataPoint> points) =>
        points.FirstOrDefault() is { } point && Coordinate(point.X) is { } x && Coordinate(point.Y) is { } y
            ? Clicked.InvokeAsync((x, y))
            : Task.CompletedTask;

    /// <summary>The package's own method supports PNG and JPEG; its script also supports SVG.</summary>
    private Task SaveAsync(string format) =>
        Quietly(async () =>
        {
            var script = await Scripts
                .InvokeAsync<IJSObjectReference>(
                    "import",
                    $"./_content/Plotly.Blazor/plotly-interop-{typeof(PlotlyChart).Assembly.GetName().Version!.ToString(3)}.js"
                )
                .ConfigureAwait(true);
            await using (script.ConfigureAwait(true))
                await script
                    .InvokeVoidAsync(
                        "downloadImage",
                        $"plot-{Chart.Id}",
                        format,
                        Chart.Height * 2,
                        PictureWidth,
                        FileName
                    )
                    .ConfigureAwait(true);
        });

    /// <summary>The reader may leave at any moment, which removes the chart.</summary>
    private static async Task Quietly(Func<Task> draw)
    {
        try
        {
            await draw().ConfigureAwait(true);
        }
        catch (Exception error)
            when (error is JSDisconnectedException or OperationCanceledException or ObjectDisposedException)
        {
            // The page was left.
        }
    }

    private static double? Coordinate(object value) =>
        double.TryParse(
            Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture),
            System.Globalization.NumberStyles.Float,
            System.Globalization.CultureInfo.InvariantCulture,
            out var number
        )
            ? number
            : null;

    /// <summary>A description of the chart for screen readers.</summary>
    private string Description()
    {
        if (Chart.Description.Length > 0)
            return $"{Chart.Title}. {Chart.Description}";
        var lines = Chart.Lines.Take(4).Select(line => $"{line.Name}: last {Number(LineEnds.FromLine(line).Last)}");
        return $"{Chart.Title}. {string.Join("; ", lines)}. {Chart.Note}".Trim();
    }

    /// <summary>Returns the error bar at a point; empty for a line without.</summary>
    private static string Bar(Line line, int at) =>
        at >= 0 && at < line.Low.Length && at < line.High.Length
            ? $" [{Number(line.Low.Span[at])}, {Number(line.High.Span[at])}]"
            : "";

    private static string Place(Line line, int at) => at < 0 ? "—" : NumberText.Format(line.X.Span[at], 6);

    private static string Number(double value) => NumberText.Format(value, 4);
}
