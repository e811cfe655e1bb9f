#:sdk Microsoft.NET.Sdk.Web
// Stands in for Jaeger, where its image can't be had: takes OTLP over gRPC and HTTP, shows what came as text on the UI's port, and answers health checks.
using System.Collections.Concurrent;
using Microsoft.AspNetCore.Server.Kestrel.Core;

const int Health = 14269, Ui = 16686, OtlpGrpc = 4317, OtlpHttp = 4318;
var received = new ConcurrentDictionary<string, int>();

var builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.WebHost.ConfigureKestrel(kestrel =>
{
    foreach (int port in (int[])[Health, Ui, OtlpHttp])
        kestrel.ListenAnyIP(port);
    // gRPC is HTTP/2 without TLS.
    kestrel.ListenAnyIP(OtlpGrpc, listen => listen.Protocols = HttpProtocols.Http2);
});
var app = builder.Build();
app.MapGet("/", () => string.Concat(received.OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => $"{entry.Value} {entry.Key}\n")));
app.MapPost("/{**path}", async context =>
{
    await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
    received.AddOrUpdate(context.Request.Path, 1, (_, count) => count + 1);
    context.Response.ContentType = context.Request.ContentType;
    if (context.Connection.LocalPort != OtlpGrpc)
        return;
    // An empty message: not compressed, no bytes.
    await context.Response.Body.WriteAsync(new byte[5], context.RequestAborted);
    context.Response.AppendTrailer("grpc-status", "0");
});
app.Run();
