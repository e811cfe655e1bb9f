using System.Diagnostics.Metrics;
using System.Net;
using CallMirror.ServiceDefaults.Startup;
using CallMirror.WsSink.Calls;
using CallMirror.WsSink.Page;
using CallMirror.WsSink.Sessions;
using CallMirror.WsSink.Storage;
using CallMirror.WsSink.Telemetry;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace CallMirror.WsSink;

/// <summary>The reference listener: stores what comes over WebSocket, and shows it on a page. Runs until it is disposed of.</summary>
public sealed class SinkServer : IAsyncDisposable
{
    private static readonly TimeSpan TickPeriod = TimeSpan.FromSeconds(1);

    private readonly WebApplication _app;
    private readonly SinkOptions _options;
    private readonly SinkFolder _folder;
    private readonly CallBook _book;
    private readonly SessionList _sessions;
    private readonly PeriodicTimer _ticks;
    private Task _ticking = Task.CompletedTask;

    private SinkServer(SinkOptions options, ILoggerFactory loggers, TimeProvider time)
    {
        _options = options;
        _folder = new SinkFolder(options.Directory);
        _app = Build(options, loggers);
        var metrics = new SinkMetrics(_app.Services.GetRequiredService<IMeterFactory>());
        var disk = new DiskRoom(_folder.Path, time, loggers.CreateLogger<DiskRoom>());
        _book = new CallBook(options, _folder, disk, metrics, time, loggers);
        _sessions = new SessionList(_book, disk, options, metrics, time, loggers.CreateLogger<Session>());
        _ticks = new PeriodicTimer(TickPeriod, time);
        Route(new WebSocketEndpoint(_sessions, metrics));
    }

    /// <summary>Where streams are sent to; any path will do.</summary>
    public Uri WebSocketUri => new UriBuilder("ws", _options.Host, BoundPort(0)).Uri;

    /// <summary>Where the page is; null where there is none.</summary>
    public Uri? PageUri => _options.PagePort is null ? null : new UriBuilder("http", _options.Host, BoundPort(1)).Uri;

    /// <summary>The folder, as a full path.</summary>
    public string Directory => _folder.Path;

    /// <summary>Tells this sink's instruments from those of others in the same process.</summary>
    internal object MeterScope => _app.Services.GetRequiredService<IMeterFactory>();

    /// <summary>Starts listening.</summary>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">Options are wrong: its failures are all of them.</exception>
    /// <exception cref="IOException">A port is taken, or the folder can't be used.</exception>
    public static async Task<SinkServer> StartAsync(
        SinkOptions options, ILoggerFactory loggers, TimeProvider time, CancellationToken cancellationToken)
    {
        SinkOptionsValidator.Demand(options);
        var server = new SinkServer(options, loggers, time);
        try
        {
            await server._app.StartAsync(cancellationToken);
            server._ticking = server.TickAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>What this process has stored until now.</summary>
    public SinkSnapshot Snapshot() => new(_book.Totals(), _book.List(int.MaxValue, earlier: false));

    /// <summary>Shows its page at another web server of the process too, at <c>/</c>.</summary>
    public void MapPage(WebApplication server)
    {
        server.Use(PageEndpoints.SetHeadersAsync);
        server.MapPage(_book, _folder);
    }

    /// <summary>Completes when every stream that began here has ended and its files are made; at once if none is open.</summary>
    public Task AllStreamsEndedAsync(CancellationToken cancellationToken) => _book.NoneOpenAsync(cancellationToken);

    /// <summary>Tells all senders to go, stores what came, and finishes every stream; those that had no `end` can still be gone on with later.</summary>
    public async ValueTask DisposeAsync()
    {
        _sessions.Stop();
        await _app.StopAsync(CancellationToken.None);
        _ticks.Dispose();
        await _ticking;
        await _book.FinishAllAsync();
        await _app.DisposeAsync();
        _book.Dispose();
        _folder.Dispose();
    }

    private async Task TickAsync()
    {
        while (await _ticks.WaitForNextTickAsync(CancellationToken.None))
        {
            _sessions.Tick();
            await _book.ExpireAsync(_options.ResumeTimeout);
        }
    }

    private static WebApplication Build(SinkOptions options, ILoggerFactory loggers)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton<ILoggerFactory>(new QuietLoggerFactory(loggers));
        builder.Services.AddRoutingCore().AddMetrics();
        builder.Services.LeaveSignalsAlone();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = options.CloseTimeout);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => Listen(kestrel, options));
        return builder.Build();
    }

    private static void Listen(KestrelServerOptions kestrel, SinkOptions options)
    {
        kestrel.AddServerHeader = false;
        // What Kestrel reads ahead for a connection; with a thousand of them the default of 1 MiB would be a gigabyte.
        kestrel.Limits.MaxRequestBufferSize = 2 * ReceiveBuffer.Size;
        var host = IPAddress.Parse(options.Host);
        kestrel.Listen(host, options.Port, listen => listen.Protocols = HttpProtocols.Http1);
        if (options.PagePort is { } page)
            kestrel.Listen(host, page, listen =>
            {
                listen.Protocols = HttpProtocols.Http1;
                listen.Use(next => connection =>
                {
                    connection.Features.Set(PagePort.Instance);
                    return next(connection);
                });
            });
    }

    private void Route(WebSocketEndpoint webSocket)
    {
        _app.MapWhen(context => context.Features.Get<PagePort>() is not null, page =>
        {
            page.Use(PageEndpoints.SetHeadersAsync);
            page.UseRouting();
            page.UseEndpoints(routes => routes.MapPageHealth().MapPage(_book, _folder));
        });
        _app.UseWebSockets(new WebSocketOptions { KeepAliveInterval = TimeSpan.FromSeconds(15), KeepAliveTimeout = TimeSpan.FromSeconds(30) });
        _app.Run(webSocket.HandleAsync);
    }

    private int BoundPort(int index)
    {
        var addresses = _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        return BindingAddress.Parse(addresses.ElementAt(index)).Port;
    }

    /// <summary>Marks a connection that came in on the page's port.</summary>
    private sealed class PagePort
    {
        public static readonly PagePort Instance = new();
    }
}
