using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Gyre.Dashboard.Serving;

/// <summary>Serves scripts, style sheet and icon from this assembly's resources.</summary>
internal static class PageAssets
{
    private static readonly string Tag = $"\"{typeof(PageAssets).Assembly.ManifestModule.ModuleVersionId:N}\"";

    private static readonly Dictionary<string, string> Kinds = new()
    {
        [".js"] = "text/javascript",
        [".css"] = "text/css",
        [".svg"] = "image/svg+xml",
    };

    /// <summary>Maps one address per resource.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        foreach (
            var name in typeof(PageAssets)
                .Assembly.GetManifestResourceNames()
                .Where(name => Kinds.ContainsKey(Path.GetExtension(name)))
        )
            routes.MapGet($"/{name}", context => Send(context, name));
    }

    private static async Task Send(HttpContext context, string name)
    {
        var headers = context.Response.Headers;
        // Browsers keep them, and only ask whether they have changed.
        (headers.ETag, headers.CacheControl) = (Tag, "no-cache");
        if (context.Request.Headers.IfNoneMatch.ToString() == Tag)
        {
            context.Response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }
        context.Response.ContentType = Kinds[Path.GetExtension(name)];
        var stream = typeof(PageAssets).Assembly.GetManifestResourceStream(name)!;
        await using var held = stream.ConfigureAwait(false);
        await stream.CopyToAsync(context.Response.Body, context.RequestAborted).ConfigureAwait(false);
    }
}
