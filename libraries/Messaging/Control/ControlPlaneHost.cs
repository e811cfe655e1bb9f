using CallMirror.Messaging.Broker;
using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using RabbitMQ.Client;

namespace CallMirror.Messaging.Control;

/// <summary>
/// Starts MassTransit once the broker lets us in, says in a sentence each time when that changes, asks for the calls that are up, and stops it.
/// </summary>
internal sealed partial class ControlPlaneHost(
    IBusDepot depot, IBusControl bus, CallRequests requests, ControlPlaneState state, IEnumerable<IBrokerHealth> media, IOptions<BrokerOptions> broker, TimeProvider time, ILogger<ControlPlaneHost> logger)
    : BackgroundService
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RefusedInterval = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan PublishTimeout = TimeSpan.FromSeconds(10);

    private readonly Uri _broker = new(broker.Value.Uri);

    /// <summary>What is left of the messages at hand comes again elsewhere.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await depot.Stop(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await WaitForBrokerAsync(stoppingToken);
        await depot.Start(stoppingToken);
        using var timer = new PeriodicTimer(LookInterval, time);
        do
        {
            Look();
            await requests.PublishAsync(bus, PublishTimeout, time, stoppingToken);
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    // MassTransit would try, and log, without end; it is told to begin when there is somebody to talk to.
    private async Task WaitForBrokerAsync(CancellationToken cancellationToken)
    {
        while (await ProblemAsync(cancellationToken) is { } problem)
        {
            if (state.Set(isConnected: false, problem.Sentence))
                Say(problem.Sentence);
            await Task.Delay(problem.NeedsSomebody ? RefusedInterval : LookInterval, time, cancellationToken);
        }
    }

    // Where there is a media plane, it has said so already.
    private void Say(string reason)
    {
        if (!media.Any())
            Log.Waiting(logger, reason);
    }

    private async Task<BrokerProblem?> ProblemAsync(CancellationToken cancellationToken)
    {
        try
        {
            var factory = new ConnectionFactory { Uri = _broker, AutomaticRecoveryEnabled = false, RequestedConnectionTimeout = ConnectTimeout };
            await using var connection = await factory.CreateConnectionAsync(cancellationToken);
            await connection.CloseAsync(cancellationToken);
            return null;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            return BrokerProblem.Of(e, _broker);
        }
    }

    private void Look()
    {
        var health = bus.CheckHealth();
        bool isUp = health.Status == BusHealthStatus.Healthy;
        string? reason = isUp ? null : Reason(health);
        if (!state.Set(isUp, reason))
            return;
        if (isUp)
            Log.Connected(logger, _broker.Host);
        else
            Log.Lost(logger, reason!);
    }

    private string Reason(BusHealthResult health)
    {
        var cause = health.Exception ?? health.Endpoints.Values.Select(endpoint => endpoint.Exception).FirstOrDefault(exception => exception is not null);
        return cause is null ? $"the connection to RabbitMQ at {_broker.Host} is being made" : BrokerProblem.Of(cause, _broker).Sentence;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Waiting for the broker: {Reason}")]
        public static partial void Waiting(ILogger logger, string reason);

        [LoggerMessage(2, LogLevel.Information, "Connected to RabbitMQ at {Host}")]
        public static partial void Connected(ILogger logger, string host);

        [LoggerMessage(3, LogLevel.Warning, "The control plane is interrupted: {Reason}")]
        public static partial void Lost(ILogger logger, string reason);
    }
}
