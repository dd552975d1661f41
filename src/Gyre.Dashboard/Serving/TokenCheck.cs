using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Gyre.Dashboard.Serving;

/// <summary>
/// Accepts requests with the token: first in the address, then in a cookie that scripts cannot read and other sites
/// cannot send.
/// </summary>
internal sealed class TokenCheck(string token)
{
    /// <summary>Name in the address.</summary>
    public const string Name = "token";

    private readonly byte[] _token = Encoding.ASCII.GetBytes(token);

    /// <summary>
    /// Refuses with 401. A valid token in the address becomes a cookie, and is removed from the address.
    /// </summary>
    public Task Check(HttpContext context, RequestDelegate next)
    {
        var request = context.Request;
        // The name has the port, since cookies are shared between the servers of one host.
        var cookie = $"gyre-{request.Host.Port ?? 80}";
        if (Right(request.Query[Name]))
        {
            context.Response.Cookies.Append(
                cookie,
                token,
                new CookieOptions
                {
                    HttpOnly = true,
                    SameSite = SameSiteMode.Strict,
                    IsEssential = true,
                    Path = "/",
                }
            );
            var rest = QueryString.Create(request.Query.Where(pair => pair.Key != Name));
            // Two slashes, or a backslash, would start the name of another site.
            context.Response.Redirect($"/{request.Path.ToUriComponent().TrimStart('/', '\\')}{rest.ToUriComponent()}");
            return Task.CompletedTask;
        }
        if (Right(request.Cookies[cookie]))
            return next(context);
        context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync("A token is required: open the complete address that gyre serve printed.");
    }

    private bool Right(string? given) =>
        given is not null && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(given), _token);
}
