using Gyre.Dashboard.Charts;
using Gyre.Dashboard.Reading;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using Microsoft.AspNetCore.Http;

namespace Gyre.Dashboard.Pages;

/// <summary>A view that follows its address and, while it is open, the files that it shows.</summary>
public abstract class LivePage : ComponentBase, IDisposable
{
    /// <summary>
    /// The interval between checks: one second, within which a line must be shown, minus the time for drawing. It is
    /// not shorter, since every update takes the browser a tenth of a second.
    /// </summary>
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(750);

    private readonly CancellationTokenSource _closed = new();

    // One check at a time: if the address changes meanwhile, a mixture would be shown.
    private readonly Lock _looking = new();

    [Inject]
    internal RunLibrary Library { get; set; } = null!;

    [Inject]
    internal NavigationManager Navigation { get; set; } = null!;

    /// <summary>The request that the page answers; null once a browser follows it.</summary>
    [CascadingParameter]
    internal HttpContext? Request { get; set; }

    /// <summary>Whether nothing exists at the address, which the page and its HTTP status report.</summary>
    protected virtual bool Missing => false;

    /// <summary>The address, which determines what is shown.</summary>
    internal ViewAddress Address { get; private set; } = new("", []);

    /// <summary>Reads the content of the address.</summary>
    /// <returns>Whether anything has changed.</returns>
    protected abstract bool Look();

    /// <summary>Time between checks; longer if they are expensive.</summary>
    protected virtual TimeSpan Pause => Beat;

    /// <summary>Whether the page was left.</summary>
    protected bool Left { get; private set; }

    /// <inheritdoc/>
    protected override void OnInitialized() => Navigation.LocationChanged += Moved;

    /// <inheritdoc/>
    protected override void OnParametersSet()
    {
        Arrive();
        if (Missing && Request is { Response.HasStarted: false } request)
            // If it were set now, the framework would show its own page instead.
            request.Response.OnStarting(NotFound, request.Response);
    }

    private static Task NotFound(object response)
    {
        ((HttpResponse)response).StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }

    /// <summary>Reads the content of the address before anything is drawn, so that no empty page appears.</summary>
    protected virtual void Arrive()
    {
        lock (_looking)
        {
            Address = ViewAddress.Parse(Navigation.ToBaseRelativePath(Navigation.Uri));
            Look();
        }
    }

    /// <inheritdoc/>
    protected override void OnAfterRender(bool firstRender)
    {
        if (firstRender)
            _ = FollowAsync();
    }

    /// <summary>
    /// Shows another view of the same page. The browser's back button leads to the previous page, not through every
    /// zoom.
    /// </summary>
    internal void Navigate(ViewAddress address) => Navigation.NavigateTo(address.ToString(), replace: true);

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Stops following.</summary>
    protected virtual void Dispose(bool disposing)
    {
        if (!disposing)
            return;
        Navigation.LocationChanged -= Moved;
        Left = true;
        _closed.Cancel();
        _closed.Dispose();
    }

    /// <summary>If only the query changes, the router does not replace the page.</summary>
    private void Moved(object? sender, LocationChangedEventArgs moved)
    {
        if (ViewAddress.Parse(Navigation.ToBaseRelativePath(moved.Location)).Path != Address.Path)
            return;
        _ = InvokeAsync(() =>
        {
            Arrive();
            StateHasChanged();
        });
    }

    private async Task FollowAsync()
    {
        var closed = _closed.Token;
        try
        {
            using var timer = new PeriodicTimer(Pause, Library.Clock);
            while (await timer.WaitForNextTickAsync(closed).ConfigureAwait(true))
            {
                if (await Task.Run(LookAlone, closed).ConfigureAwait(true))
                    StateHasChanged();
            }
        }
        catch (OperationCanceledException)
        {
            // The page was left.
        }
        catch (Exception error)
        {
            // The frame reports it: a page that no longer follows must not look as if it did.
            await DispatchExceptionAsync(error).ConfigureAwait(true);
        }
    }

    private bool LookAlone()
    {
        lock (_looking)
            return Look();
    }
}
