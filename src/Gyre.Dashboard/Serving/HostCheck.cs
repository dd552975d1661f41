using System.Net;
using System.Net.NetworkInformation;
using Microsoft.AspNetCore.Http;

namespace Gyre.Dashboard.Serving;

/// <summary>
/// Accepts only requests that use a name of this machine, from pages of this server. A foreign page whose name resolves
/// to this machine (DNS rebinding) uses its own name and is refused, as is a connection across origins. The port is not
/// checked, since a tunnel may have another one.
/// </summary>
internal sealed class HostCheck(ServeOptions options)
{
    private readonly HashSet<string> _names = new(Names(options), StringComparer.OrdinalIgnoreCase);

    /// <summary>Refuses with 421 (another name) or 403 (another page).</summary>
    public Task Check(HttpContext context, RequestDelegate next)
    {
        var request = context.Request;
        if (!Uri.TryCreate($"http://{request.Host.Value}/", UriKind.Absolute, out _))
            return Refuse(
                context,
                StatusCodes.Status400BadRequest,
                $"Host must be a name with a port of 0 to {IPEndPoint.MaxPort}."
            );
        if (!_names.Contains(Bare(request.Host.Host)))
            return Refuse(
                context,
                StatusCodes.Status421MisdirectedRequest,
                "This page is not served under that name. Use localhost, or start gyre serve " + "with --host."
            );
        if (
            request.Headers.Origin is [{ } origin]
            && !(
                Uri.TryCreate(origin, UriKind.Absolute, out var from)
                && from.Authority.Equals(
                    new UriBuilder("http", request.Host.Host, request.Host.Port ?? 80).Uri.Authority,
                    StringComparison.OrdinalIgnoreCase
                )
            )
        )
            return Refuse(context, StatusCodes.Status403Forbidden, "Only pages of this server may access it.");
        return next(context);
    }

    private static string[] Names(ServeOptions options)
    {
        string[] own = ["localhost", "127.0.0.1", "::1", .. options.Hosts.Select(Bare)];
        if (IPAddress.IsLoopback(options.Address))
            return [.. own, Bare(options.Address.ToString())];
        var any = options.Address.Equals(IPAddress.Any) || options.Address.Equals(IPAddress.IPv6Any);
        var addresses = any
            ? NetworkInterface
                .GetAllNetworkInterfaces()
                .SelectMany(one => one.GetIPProperties().UnicastAddresses)
                .Select(one => one.Address)
            : [options.Address];
        return [.. own, Dns.GetHostName(), .. addresses.Select(address => Bare(address.ToString()))];
    }

    private static string Bare(string host) => host.Trim('[', ']').Split('%')[0];

    private static Task Refuse(HttpContext context, int status, string sentence)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(sentence);
    }
}
