using System.Net;
using System.Net.Sockets;
using CallMirror.ServiceDefaults.Startup;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;

namespace CallMirror.WsGateway.Joining;

/// <summary>The web server of who joins running calls, as a part of its host.</summary>
public sealed class JoinServer : IHostedService, IAsyncDisposable
{
    private const int SendBufferBytes = 64 * 1024;

    // The process has ten seconds, and its gateways hand their calls over after this.
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(1.5);
    private static readonly TimeSpan PingInterval = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan PingTimeout = TimeSpan.FromSeconds(60);

    private readonly CallDirectory _directory;
    private readonly CallTaps _taps;
    private readonly ListenOptions _options;
    private readonly JoinParts _parts;
    private readonly CancellationTokenRegistration _stopping;
    private WebApplication? _app;

    internal JoinServer(CallDirectory directory, CallTaps taps, ListenOptions options, JoinParts parts, IHostApplicationLifetime lifetime)
    {
        (_directory, _taps, _options, _parts) = (directory, taps, options, parts);
        // Listeners are told before anything else of the process stops.
        _stopping = lifetime.ApplicationStopping.Register(taps.Stop);
    }

    /// <summary>Where it is, with a slash at the end; null while it is nowhere.</summary>
    public Uri? Address => _app is null ? null : new Uri(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    /// <inheritdoc/>
    /// <exception cref="IOException">The port is taken.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (_options.ListenPort is not { } port)
            return;
        var app = Build(new IPEndPoint(IPAddress.Parse(_options.ListenHost), port));
        var endpoint = new JoinEndpoint(_directory, _taps, _options, _parts);
        app.UseWebSockets(new WebSocketOptions { KeepAliveInterval = PingInterval, KeepAliveTimeout = PingTimeout });
        app.Run(context => HandleAsync(endpoint, context));
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }

        _app = app;
        _parts.Logger.Listening(Address!);
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _taps.Stop();
        if (_app is null)
            return;
        using var limit = new CancellationTokenSource(StopLimit, _parts.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        // What is left by then is cut.
        await _app.StopAsync(either.Token);
        await _taps.WhenClosedAsync().WaitAsync(either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.DisposeAsync();
        if (_app is not null)
            await _app.DisposeAsync();
        _taps.Dispose();
    }

    private async Task HandleAsync(JoinEndpoint endpoint, HttpContext context)
    {
        try
        {
            await endpoint.HandleAsync(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // Whoever asked is gone.
        }
#pragma warning disable CA1031 // The web server would say it to nobody.
        catch (Exception e)
#pragma warning restore CA1031
        {
            _parts.Logger.RequestFailed(e);
            if (!context.Response.HasStarted)
                context.Response.StatusCode = StatusCodes.Status500InternalServerError;
        }
    }

    private static WebApplication Build(IPEndPoint address)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        // It tells of each request, and nobody wants to read that.
        builder.Services.AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance);
        builder.Services.AddRoutingCore();
        builder.Services.LeaveSignalsAlone();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = StopLimit);
        builder.WebHost.UseKestrelCore().UseSockets(sockets => sockets.CreateBoundListenSocket = Bind).ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            // Who reads slowly loses audio, not the connection.
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Listen(address, listen => listen.Protocols = HttpProtocols.Http1);
        });
        return builder.Build();
    }

    // What a slow listener has not read waits here, where the oldest can fall off, and not by the minute in the kernel.
    private static Socket Bind(EndPoint address)
    {
        var socket = SocketTransportOptions.CreateDefaultBoundListenSocket(address);
        socket.SendBufferSize = SendBufferBytes;
        return socket;
    }
}
