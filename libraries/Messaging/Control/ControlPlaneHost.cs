using CallMirror.Messaging.Broker;
using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using RabbitMQ.Client;

namespace CallMirror.Messaging.Control;

/// <summary>
/// Starts MassTransit once the broker lets us in, says in a sentence each time when that changes, asks for the calls that are up, and stops it. Where it hangs the
/// process ends, for its restart policy to begin it anew: after a restart of the broker MassTransit sometimes never comes back, be it that it does not connect, be it
/// that a consumer's publish never returns (<see href="https://github.com/MassTransit/MassTransit/issues/5692"/>,
/// <see href="https://github.com/rabbitmq/rabbitmq-dotnet-client/issues/1928"/>), and a bus whose consumer does not return can't be stopped and started again.
/// </summary>
internal sealed partial class ControlPlaneHost(
    IBusDepot depot, IBusControl bus, CallRequests requests, ControlPlaneState state, IEnumerable<IBrokerHealth> media, IOptions<BrokerOptions> broker, TimeProvider time, ILogger<ControlPlaneHost> logger)
    : BackgroundService
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RefusedInterval = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan PublishTimeout = TimeSpan.FromSeconds(10);

    // A message takes milliseconds, where the broker is there.
    private static readonly TimeSpan LongAtHand = TimeSpan.FromSeconds(15);

    // By itself it comes back within twelve seconds; capture keeps three minutes of audio whose call is not known.
    private static readonly TimeSpan HangsAfter = TimeSpan.FromSeconds(30);

    private readonly Uri _broker = new(broker.Value.Uri);
    private readonly MessagesAtHand _atHand = new(time);
    private long? _inVainSince;

    /// <summary>What is left of the messages at hand comes again elsewhere.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await depot.Stop(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await WaitForBrokerAsync(stoppingToken);
        bus.ConnectReceiveObserver(_atHand);
        await depot.Start(stoppingToken);
        await ControlRehearsal.PlayAsync(bus, time, stoppingToken);
        using var timer = new PeriodicTimer(LookInterval, time);
        do
        {
            Look();
            if (await HangsAsync(stoppingToken))
                throw new BrokerException($"The control plane hangs, though RabbitMQ at {_broker.Host} can be reached: the process has to begin anew");
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

    // It is not up, or a message takes too long, though the broker has let us in all the time.
    private async Task<bool> HangsAsync(CancellationToken cancellationToken)
    {
        bool isSuspect = !state.State.IsConnected || _atHand.Oldest > LongAtHand;
        if (!isSuspect || await ProblemAsync(cancellationToken) is not null)
        {
            _inVainSince = null;
            return false;
        }

        _inVainSince ??= time.GetTimestamp();
        return time.GetElapsedTime(_inVainSince.Value) >= HangsAfter;
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
