using System.Net;
using System.Security.Cryptography;
using Gyre.Dashboard.Charts;
using Gyre.Dashboard.Frame;
using Gyre.Dashboard.Reading;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.ResponseCompression;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Gyre.Dashboard.Serving;

/// <summary>The live page: a web server that reads run folders and never writes.</summary>
internal sealed class DashboardServer : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);

    // Idle connections are closed early, since their number is limited. Chosen: a page's own connection is an open
    // WebSocket, to which none of these limits apply.
    private static readonly TimeSpan MostIdle = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan MostAsking = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    private readonly WebApplication _app;
    private readonly string? _token;

    private DashboardServer(WebApplication app, string? token) => (_app, _token) = (app, token);

    /// <summary>The address for browsers, with the token if one is required.</summary>
    public Uri Address { get; private set; } = null!;

    /// <summary>Starts the server.</summary>
    /// <exception cref="IOException">No port is free, or the address is not this machine's; the message has the
    /// details. </exception>
    public static async Task<DashboardServer> StartAsync(ServeOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        for (var port = options.Port; ; port++)
        {
            var server = Build(options, port);
            try
            {
                await server._app.StartAsync().ConfigureAwait(false);
                server.Address = server.AddressOf(options);
                return server;
            }
            catch (IOException) when (options.Port > 0 && port < options.Port + options.FurtherPorts)
            {
                await server.DisposeAsync().ConfigureAwait(false);
            }
            catch
            {
                await server.DisposeAsync().ConfigureAwait(false);
                throw;
            }
        }
    }

    /// <summary>Waits for the token to be canceled; open pages are then disconnected at once.</summary>
    public async Task WaitAsync(CancellationToken stop)
    {
        var ended = new TaskCompletionSource();
        await using var registered = stop.Register(ended.SetResult).ConfigureAwait(false);
        await ended.Task.ConfigureAwait(false);
        using var impatient = new CancellationTokenSource(Patience);
        await _app.StopAsync(impatient.Token).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await _app.DisposeAsync().ConfigureAwait(false);

    private static DashboardServer Build(ServeOptions options, int port)
    {
        // Nothing is read from the working folder or the environment, since anyone may control them.
        var builder = WebApplication.CreateEmptyBuilder(
            new WebApplicationOptions
            {
                ContentRootPath = AppContext.BaseDirectory,
                ApplicationName = typeof(DashboardServer).Assembly.GetName().Name,
            }
        );
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => Limit(kestrel, options, port));
        AddServices(builder.Services, options);
        var token =
            options.Token || !IPAddress.IsLoopback(options.Address)
                ? Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16))
                : null;
        var app = builder.Build();
        app.UseResponseCompression();
        app.Use(PageHeaders.Add);
        app.Use(new HostCheck(options).Check);
        if (token is not null)
            app.Use(new TokenCheck(token).Check);
        app.UseStatusCodePagesWithReExecute("/missing");
        app.UseRouting();
        app.UseAntiforgery();
        PageAssets.Map(app);
        ChartFiles.Map(app);
        app.MapRazorComponents<App>()
            .AddInteractiveServerRenderMode(rendering => rendering.ContentSecurityFrameAncestorsPolicy = null);
        return new DashboardServer(app, token);
    }

    private static void Limit(KestrelServerOptions kestrel, ServeOptions options, int port)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = 1 << 20;
        // Connections beyond the limit are answered.
        kestrel.Limits.MaxConcurrentConnections = 4 * ConnectionLimit.Most;
        kestrel.Limits.MaxConcurrentUpgradedConnections = ConnectionLimit.Most / 2;
        kestrel.Limits.KeepAliveTimeout = MostIdle;
        kestrel.Limits.RequestHeadersTimeout = MostAsking;
        kestrel.Limits.MinResponseDataRate = new MinDataRate(options.LeastReading, Grace);
        kestrel.Listen(
            options.Address,
            port,
            listen =>
            {
                listen.Protocols = HttpProtocols.Http1;
                listen.Use(new ConnectionLimit(options).Guard);
            }
        );
    }

    private static void AddServices(IServiceCollection services, ServeOptions options)
    {
        services.AddRoutingCore();
        services.AddLogging();
        services.AddResponseCompression(compression =>
            compression.MimeTypes = [.. ResponseCompressionDefaults.MimeTypes, "image/svg+xml"]
        );
        services.AddRazorComponents().AddInteractiveServerComponents();
        // Otherwise keys would be written into the home folder.
        services.AddDataProtection().UseEphemeralDataProtectionProvider();
        services.AddSingleton<IHostLifetime, QuietLifetime>();
        services.AddSingleton(options.Clock);
        services.AddSingleton(new ServedFolder(options.Folder));
        services.AddSingleton<RunLibrary>();
    }

    private Uri AddressOf(ServeOptions options)
    {
        var bound = new Uri(
            _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()
        );
        var any = options.Address.Equals(IPAddress.Any) || options.Address.Equals(IPAddress.IPv6Any);
        var local = options.Address.Equals(IPAddress.Loopback) || options.Address.Equals(IPAddress.IPv6Loopback);
        var host = (any, local) switch
        {
            (true, _) => Dns.GetHostName(),
            (_, true) => "localhost",
            _ => bound.Host,
        };
        return new UriBuilder("http", host, bound.Port, "/", _token is null ? "" : $"?{TokenCheck.Name}={_token}").Uri;
    }

    /// <summary>Ignores signals: the caller stops the server.</summary>
    private sealed class QuietLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
