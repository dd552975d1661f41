using Gyre.Dashboard.Charts;
using Gyre.Dashboard.Reading;
using Microsoft.AspNetCore.Components;

namespace Gyre.Dashboard.Pages;

/// <summary>A view that follows its address and, while it is open, the files it shows.</summary>
public abstract class LivePage : ComponentBase, IDisposable
{
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(500);

    private readonly CancellationTokenSource _closed = new();

    [Inject]
    internal RunLibrary Library { get; set; } = null!;

    [Inject]
    internal NavigationManager Navigation { get; set; } = null!;

    /// <summary>What is shown and how.</summary>
    internal ViewAddress Address { get; private set; } = new("", []);

    /// <summary>Reads what the address shows.</summary>
    /// <returns>Whether anything is other than before.</returns>
    protected abstract bool Look();

    /// <summary>Time between looks; longer for what is dear to look at.</summary>
    protected virtual TimeSpan Pause => Beat;

    /// <summary>Whether nobody looks any more.</summary>
    protected bool Left { get; private set; }

    /// <inheritdoc/>
    protected override async Task OnParametersSetAsync()
    {
        Address = ViewAddress.Parse(Navigation.ToBaseRelativePath(Navigation.Uri));
        await Task.Run(Look).ConfigureAwait(true); // reading a long run must not hold up the page's own work
    }

    /// <inheritdoc/>
    protected override void OnAfterRender(bool firstRender)
    {
        if (firstRender)
            _ = FollowAsync();
    }

    /// <summary>Shows another view of the same page; the browser's back button leads to the page before, not through every zoom.</summary>
    internal void Go(ViewAddress address) => Navigation.NavigateTo(address.ToString(), replace: true);

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
        Left = true;
        _closed.Cancel();
        _closed.Dispose();
    }

    private async Task FollowAsync()
    {
        var closed = _closed.Token;
        try
        {
            using var timer = new PeriodicTimer(Pause, Library.Clock);
            while (await timer.WaitForNextTickAsync(closed).ConfigureAwait(true))
            {
                if (await Task.Run(Look, closed).ConfigureAwait(true))
                    StateHasChanged();
            }
        }
        catch (OperationCanceledException)
        {
            // The page was left.
        }
    }
}
