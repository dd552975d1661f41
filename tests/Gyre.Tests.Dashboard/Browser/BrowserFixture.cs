using Microsoft.Playwright;

namespace Gyre.Tests.Dashboard.Browser;

/// <summary>
/// A Chromium that is installed on this machine, one for all tests; where there is none they are skipped.
/// </summary>
public sealed class BrowserFixture : IAsyncLifetime
{
    private static readonly string[] Places =
    [
        Environment.GetEnvironmentVariable("GYRE_CHROMIUM") ?? "",
        "/usr/bin/chromium",
        "/usr/bin/chromium-browser",
        "/usr/bin/google-chrome",
    ];

    private IPlaywright? _playwright;

    /// <summary>The browser; null where there is none.</summary>
    public IBrowser? Browser { get; private set; }

    public async ValueTask InitializeAsync()
    {
        if (Places.FirstOrDefault(File.Exists) is not { } place)
            return;
        _playwright = await Playwright.CreateAsync();
        // As root, as on build servers, Chromium has no sandbox of its own; all that it opens here is served by these
        // tests.
        Browser = await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = place, Args = ["--no-sandbox"] });
    }

    /// <summary>A window of its own on an address, or a skipped test.</summary>
    /// <param name="address">The address.</param>
    /// <param name="width">Pixels.</param>
    /// <param name="height">Pixels.</param>
    /// <param name="dark">Whether its reader prefers a dark page.</param>
    /// <param name="first">A script that runs before any of the page's.</param>
    public async Task<Window> OpenAsync(
        string address,
        int width = 1280,
        int height = 900,
        bool dark = false,
        string? first = null
    )
    {
        Assert.SkipWhen(
            Browser is null,
            "There is no Chromium here: install the package chromium, or set GYRE_CHROMIUM to one."
        );
        var context = await Browser!.NewContextAsync(
            new()
            {
                ViewportSize = new() { Width = width, Height = height },
                ColorScheme = dark ? ColorScheme.Dark : ColorScheme.Light,
                AcceptDownloads = true,
            }
        );
        if (first is not null)
            await context.AddInitScriptAsync(first);
        var window = new Window(context, await context.NewPageAsync(), new Uri(address));
        await window.GoAsync(address);
        return window;
    }

    public async ValueTask DisposeAsync()
    {
        if (Browser is not null)
            await Browser.CloseAsync();
        _playwright?.Dispose();
    }
}

/// <summary>A window, and all that should not have happened in it.</summary>
public sealed class Window : IAsyncDisposable
{
    /// <summary>
    /// How long a test waits before it fails: no measure of anything, and long enough for a machine that does much
    /// else.
    /// </summary>
    private const int Patience = 90_000;

    private readonly IBrowserContext _context;
    private readonly List<string> _faults = [];

    public Window(IBrowserContext context, IPage page, Uri home)
    {
        (_context, Page) = (context, page);
        page.SetDefaultTimeout(Patience);
        page.Console += (_, message) => Note(message.Type is "error" or "warning", $"console: {message.Text}");
        page.PageError += (_, error) => Note(true, $"script: {error}");
        page.Dialog += (_, dialog) => Note(true, $"dialog: {dialog.Message}");
        page.Request += (_, request) => Note(!Own(request.Url, home), $"request to {request.Url}");
        page.WebSocket += (_, socket) => Note(!Own(socket.Url, home), $"connection to {socket.Url}");
    }

    public IPage Page { get; }

    /// <summary>Opens an address and waits until the page is alive.</summary>
    public async Task GoAsync(string address)
    {
        await Page.GotoAsync(address);
        await Page.WaitForSelectorAsync("main[data-alive]");
    }

    /// <summary>Waits until a chart is drawn.</summary>
    public Task ChartAsync(string id) => Page.WaitForSelectorAsync($"#plot-{id} .main-svg");

    /// <summary>
    /// Waits until the page has asked a chart to be told of what a reader does with it: the server asks when it is
    /// drawn.
    /// </summary>
    public Task HearsAsync(string id, string happening) =>
        UntilAsync($"document.getElementById('plot-{id}')._ev._events.plotly_{happening}");

    /// <summary>Asks the page's script.</summary>
    public Task<T> AskAsync<T>(string script) => Page.EvaluateAsync<T>(script);

    /// <summary>
    /// Waits until a question has the answer true. (The page's own policy forbids the way in which Playwright waits for
    /// one.)
    /// </summary>
    public async Task UntilAsync(string script, double milliseconds = Patience, string otherwise = "location.href")
    {
        for (
            var waited = System.Diagnostics.Stopwatch.StartNew();
            !await AskAsync<bool>($"(() => {{ try {{ return !!({script}); }} catch {{ return false; }} }})()");

        )
        {
            if (waited.Elapsed.TotalMilliseconds > milliseconds)
                Assert.Fail(
                    $"For {milliseconds} ms this was not so: {script}\n{await AskAsync<string>(otherwise)}\n{Faults()}"
                );
            await Task.Delay(20);
        }
    }

    private string Faults()
    {
        lock (_faults)
            return string.Join('\n', _faults);
    }

    /// <summary>Fails where there was an error, or a request that left this machine.</summary>
    public void Clean()
    {
        lock (_faults)
            Assert.Empty(_faults);
    }

    public async ValueTask DisposeAsync() => await _context.CloseAsync();

    private static bool Own(string url, Uri home) =>
        new Uri(url) is var to
        && (to.Scheme is "data" or "blob" or "about" || to.Host == home.Host && to.Port == home.Port);

    private void Note(bool fault, string words)
    {
        if (!fault)
            return;
        lock (_faults)
            _faults.Add(words);
    }
}
