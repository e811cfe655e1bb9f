using CallMirror.WsSink.Calls;
using CallMirror.WsSink.Storage;

namespace CallMirror.WsSink.Page;

/// <summary>The page, the JSON that it shows, the stored files; and, on a port of its own, the two questions of an orchestrator.</summary>
internal static class PageEndpoints
{
    private const int CallsShown = 200;

    public static void MapPage(this IEndpointRouteBuilder routes, CallBook book, SinkFolder folder)
    {
        routes.MapGet("/", Asset("index.html", "text/html; charset=utf-8"));
        routes.MapGet("/page.css", Asset("page.css", "text/css; charset=utf-8"));
        routes.MapGet("/page.js", Asset("page.js", "text/javascript; charset=utf-8"));
        routes.MapGet("/api/calls", context => context.Response.WriteAsJsonAsync(
            new CallList(book.Totals(), book.List(CallsShown, earlier: true)), RecordJson.Default.CallList, cancellationToken: context.RequestAborted));
        routes.MapGet("/files/{name}", context => FileAsync(context, book, folder));
    }

    public static IEndpointRouteBuilder MapPageHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/health", context => context.Response.WriteAsync("Healthy", context.RequestAborted));
        routes.MapGet("/alive", context => context.Response.WriteAsync("Healthy", context.RequestAborted));
        return routes;
    }

    /// <summary>The page takes nothing from elsewhere and may not be framed; names of callers are shown as text only.</summary>
    public static Task SetHeadersAsync(HttpContext context, RequestDelegate next)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; media-src 'self'; connect-src 'self'; img-src data:; frame-ancestors 'none'; base-uri 'none'";
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        return next(context);
    }

    private static RequestDelegate Asset(string name, string contentType)
    {
        using var resource = typeof(PageEndpoints).Assembly.GetManifestResourceStream($"page/{name}")
            ?? throw new InvalidOperationException($"The page's {name} is not part of the assembly.");
        var bytes = new byte[resource.Length];
        resource.ReadExactly(bytes);
        return context =>
        {
            context.Response.ContentType = contentType;
            context.Response.Headers.CacheControl = "no-cache";
            return context.Response.Body.WriteAsync(bytes, context.RequestAborted).AsTask();
        };
    }

    private static Task FileAsync(HttpContext context, CallBook book, SinkFolder folder)
    {
        var name = (string)context.GetRouteValue("name")!;
        var path = folder.In(name);
        return KnownFiles.Has(book, name) && File.Exists(path)
            ? Results.File(path, KnownFiles.ContentType(name), enableRangeProcessing: true).ExecuteAsync(context)
            : Results.NotFound().ExecuteAsync(context);
    }
}

/// <summary>Files are given out by name only where a known call says that it has them.</summary>
internal static class KnownFiles
{
    public static bool Has(CallBook book, string name)
    {
        var stem = Path.GetFileNameWithoutExtension(name);
        return Names(book.Find(stem)).Contains(name) || (stem.Length > 2 && Names(book.Find(stem[..^2])).Contains(name));
    }

    public static string ContentType(string name) => Path.GetExtension(name) switch
    {
        ".wav" => "audio/wav",
        ".json" => "application/json",
        _ => "application/octet-stream",
    };

    private static IEnumerable<string?> Names(CallRecord? call) =>
        call is null ? [] : [call.Name + ".json", call.StereoWav, .. call.Streams.SelectMany(stream => new[] { stream.Pcm, stream.Wav })];
}
