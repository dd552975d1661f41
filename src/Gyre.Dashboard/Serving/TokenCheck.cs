using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Gyre.Dashboard.Serving;

/// <summary>
/// Lets in who has the token: once in the address, from then on in a cookie that scripts cannot read and other sites
/// cannot send.
/// </summary>
internal sealed class TokenCheck(string token)
{
    /// <summary>Name in the address.</summary>
    public const string Name = "token";

    private readonly byte[] _token = Encoding.ASCII.GetBytes(token);

    /// <summary>
    /// Refuses with 401. A right token in the address becomes a cookie, and the address is left without it.
    /// </summary>
    public Task Check(HttpContext context, RequestDelegate next)
    {
        var request = context.Request;
        // of this port: cookies are shared between the servers of one host
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
            // Two slashes, or a backslash, would begin the name of another site.
            context.Response.Redirect($"/{request.Path.ToUriComponent().TrimStart('/', '\\')}{rest.ToUriComponent()}");
            return Task.CompletedTask;
        }
        if (Right(request.Cookies[cookie]))
            return next(context);
        context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync("A token is needed: open the whole address that gyre serve printed.");
    }

    private bool Right(string? given) =>
        given is not null && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(given), _token);
}
