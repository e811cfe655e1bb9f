using Microsoft.Extensions.Options;

namespace CallMirror.WsSink;

/// <summary>Runs the sink for as long as its host runs.</summary>
internal sealed partial class SinkService(IOptions<SinkOptions> options, ILoggerFactory loggers, TimeProvider time) : IHostedService, IAsyncDisposable
{
    private readonly ILogger _log = loggers.CreateLogger<SinkService>();
    private SinkServer? _server;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _server = await SinkServer.StartAsync(options.Value, loggers, time, cancellationToken);
        Log.Listening(_log, _server.WebSocketUri, _server.Directory, _server.PageUri);
    }

    public async Task StopAsync(CancellationToken cancellationToken) => await DisposeAsync();

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _server, null) is { } running)
            await running.DisposeAsync();
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "Listening on {WebSocket}, storing in {Directory}, page at {Page}")]
        public static partial void Listening(ILogger logger, Uri webSocket, string directory, Uri? page);
    }
}

/// <summary>Adds the sink to a host.</summary>
internal static class SinkRegistration
{
    public static void AddSink(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IValidateOptions<SinkOptions>, SinkOptionsValidator>();
        builder.Services.AddOptions<SinkOptions>().BindConfiguration("CallMirror:Sink").ValidateOnStart();
        builder.Services.AddHostedService<SinkService>();
    }
}
