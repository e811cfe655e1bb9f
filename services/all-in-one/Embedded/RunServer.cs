using System.Net;
using CallMirror.ServiceDefaults.Health;
using CallMirror.ServiceDefaults.Startup;
using CallMirror.WsSink;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace CallMirror.AllInOne.Embedded;

/// <summary>
/// Tells whoever asks how a run is, while it runs: <c>/health</c>, <c>/alive</c>, <c>/metrics</c>, and at <c>/</c> the page of its own listener,
/// or, where it has none, how far it is in a few lines of text.
/// </summary>
internal sealed class RunServer : IAsyncDisposable
{
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(1);

    private readonly WebApplication _app;

    private RunServer(WebApplication app) => _app = app;

    /// <summary>Where it is, with a slash at the end.</summary>
    public Uri Address => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    /// <summary>Starts it.</summary>
    /// <param name="at">Its address; port 0 takes a free one.</param>
    /// <param name="pipeline">Whose health and metrics they are.</param>
    /// <param name="sink">Whose page it is, or null.</param>
    /// <param name="line">How far the run is.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="IOException">The port is taken, or the address is none of this machine's.</exception>
    public static async Task<RunServer> StartAsync(
        IPEndPoint at, EmbeddedPipeline pipeline, SinkServer? sink, Func<string> line, CancellationToken cancellationToken)
    {
        var app = Build(at, pipeline);
        app.MapToldHealth();
        if (sink is not null)
            sink.MapPage(app);
        else
            app.MapGet("/", context => context.Response.WriteAsync(Text(pipeline, line()), context.RequestAborted));
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }

        return new RunServer(app);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static WebApplication Build(IPEndPoint at, EmbeddedPipeline pipeline)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRoutingCore().AddToldHealthOf(pipeline.Services);
        builder.Services.LeaveSignalsAlone();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = StopLimit);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(at, listen => listen.Protocols = HttpProtocols.Http1);
        });
        return builder.Build();
    }

    private static string Text(EmbeddedPipeline pipeline, string line) =>
        string.Join('\n', ((string?[])["callmirror run", line, pipeline.Mirror.Latest, "/health, /metrics"]).OfType<string>()) + "\n";
}
