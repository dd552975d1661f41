using Bunit;
using Gyre.Dashboard.Reading;
using Gyre.Tests.TestKit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;

namespace Gyre.Tests.Dashboard.Pages;

/// <summary>Components without a browser: over a folder of their own, with scripts that do nothing.</summary>
internal sealed class PageContext : BunitContext
{
    /// <summary>How long a test waits for what a page must come to show: no bound on how fast it is.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    public PageContext(Action<TemporaryFolder> fill)
    {
        fill(Folder);
        JSInterop.Mode = JSRuntimeMode.Loose;
        Services.AddSingleton<TimeProvider>(TimeProvider.System);
        Services.AddSingleton(new ServedFolder(Folder.Path));
        Services.AddSingleton<RunLibrary>();
    }

    /// <summary>The served folder.</summary>
    public TemporaryFolder Folder { get; } = new();

    /// <summary>Opens a page at an address.</summary>
    public IRenderedComponent<TPage> Open<TPage>(string address)
        where TPage : IComponent
    {
        Go(address);
        return Render<TPage>();
    }

    /// <summary>Goes to an address.</summary>
    public void Go(string address) => Services.GetRequiredService<NavigationManager>().NavigateTo(address);

    /// <summary>Where the page is now, relative to its base.</summary>
    public string Address =>
        Services.GetRequiredService<NavigationManager>() is var navigation
            ? navigation.ToBaseRelativePath(navigation.Uri)
            : "";

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing)
            Folder.Dispose();
    }
}
