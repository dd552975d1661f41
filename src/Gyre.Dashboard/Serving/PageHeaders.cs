using Microsoft.AspNetCore.Http;

namespace Gyre.Dashboard.Serving;

/// <summary>
/// Adds the headers of every answer: scripts from this server only, no frame around the page, no requests elsewhere.
/// Accepts only reading requests.
/// </summary>
internal static class PageHeaders
{
    // Inline styles are those of the charts; pictures created in the browser are downloads.
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: "
        + "blob:; connect-src 'self'; font-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors "
        + "'none'";

    /// <summary>
    /// Adds the headers, and refuses requests that write: apart from the page's own connection, nothing is ever sent
    /// here.
    /// </summary>
    public static Task Add(HttpContext context, RequestDelegate next)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()";
        headers.CacheControl = "no-store";
        var method = context.Request.Method;
        if (HttpMethods.IsHead(method))
            return WithoutBody(context, next);
        if (
            HttpMethods.IsGet(method)
            || HttpMethods.IsPost(method) && context.Request.Path.StartsWithSegments("/_blazor")
        )
            return next(context);
        context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
        headers.Allow = "GET, HEAD";
        return Task.CompletedTask;
    }

    /// <summary>Answers HEAD as GET without its body: pages handle only GET.</summary>
    private static async Task WithoutBody(HttpContext context, RequestDelegate next)
    {
        context.Request.Method = HttpMethods.Get;
        context.Response.Body = Stream.Null;
        await next(context).ConfigureAwait(false);
    }
}
