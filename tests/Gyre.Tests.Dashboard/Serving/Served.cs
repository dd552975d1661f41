using Gyre.Dashboard.Serving;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.Dashboard.Serving;

/// <summary>A folder that is served on a free port of this machine alone, until the test ends.</summary>
internal sealed class Served : IAsyncDisposable
{
    private readonly DashboardServer _server;

    private Served(DashboardServer server, TemporaryFolder folder)
    {
        (_server, Folder) = (server, folder);
        Client = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false })
        {
            BaseAddress = new Uri(server.Address.GetLeftPart(UriPartial.Authority)),
        };
    }

    /// <summary>The folder that holds the served one, <c>served</c>, and what must never be seen.</summary>
    public TemporaryFolder Folder { get; }

    /// <summary>Asks it, without cookies.</summary>
    public HttpClient Client { get; }

    /// <summary>As the program prints it.</summary>
    public Uri Address => _server.Address;

    /// <summary>Serves a folder that is filled first.</summary>
    public static async Task<Served> StartAsync(
        Action<TemporaryFolder> fill,
        Func<ServeOptions, ServeOptions>? with = null
    )
    {
        var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["served"]);
        fill(folder);
        var options = new ServeOptions { Folder = folder["served"] };
        return new Served(await DashboardServer.StartAsync(with?.Invoke(options) ?? options), folder);
    }

    /// <summary>An address below it.</summary>
    public string At(string path) => new Uri(Client.BaseAddress!, path).AbsoluteUri;

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        using var stopped = new CancellationTokenSource();
        await stopped.CancelAsync();
        await _server.WaitAsync(stopped.Token);
        await _server.DisposeAsync();
        Folder.Dispose();
    }
}
