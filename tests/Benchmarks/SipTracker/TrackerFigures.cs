using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Naming;
using CallMirror.Contracts.Sip;
using CallMirror.Messaging.Broker;
using CallMirror.Messaging.Control;
using CallMirror.Messaging.RabbitMq;
using CallMirror.SipTracker;
using CallMirror.TestKit.Broker;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace CallMirror.Benchmarks.SipTracker;

/// <summary>
/// Measures how fast sip-tracker works off a queue of SIP messages at a RabbitMQ of its own: state in a file, lanes opened, events and answers published.
/// </summary>
/// <remarks><c>dotnet run -c Release --project tests/Benchmarks -- sip-tracker [CALLS]</c></remarks>
internal static class TrackerFigures
{
    private const int Runs = 3;

    /// <summary>Prints a line a run.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        int calls = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 500;
        await using var broker = await RabbitMqBroker.StartAsync(CancellationToken.None);
        string folder = Directory.CreateTempSubdirectory("callmirror-figures-").FullName;
        for (int run = 0; run <= Runs; run++)
        {
            SipMessageCaptured[] messages = [.. CallTrackerBenchmarks.Messages(calls, $"run-{run}").OrderBy(message => message.CapturedAt)];
            double seconds = await MeasureAsync(broker, messages, Path.Combine(folder, $"{run}.db"));
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{messages.Length} messages of {calls} calls: {messages.Length / seconds:0} a second{(run == 0 ? " (warm-up)" : "")}"));
        }

        Directory.Delete(folder, recursive: true);
        return 0;
    }

    private static async Task<double> MeasureAsync(RabbitMqBroker broker, SipMessageCaptured[] messages, string statePath)
    {
        // It declares its queue, which then fills while it is away.
        await using (await StartAsync(broker, statePath))
        {
        }

        await using var connection = await new ConnectionFactory { Uri = new Uri(broker.Uri) }.CreateConnectionAsync();
        await FillAsync(connection, messages);
        await using var channel = await connection.CreateChannelAsync();
        var done = await ListenAsync(channel, messages.Length);
        long begun = Stopwatch.GetTimestamp();
        await using (await StartAsync(broker, statePath))
            return Stopwatch.GetElapsedTime(begun, await done).TotalSeconds;
    }

    private static async Task FillAsync(IConnection connection, SipMessageCaptured[] messages)
    {
        await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true));
        var properties = new BasicProperties
        {
            Persistent = true,
            ContentType = "application/json",
            Headers = new Dictionary<string, object?> { ["MT-MessageType"] = "urn:message:CallMirror.Contracts.Sip:SipMessageCaptured" },
        };
        foreach (var group in messages.Chunk(100))
            await Task.WhenAll(group.Select(message => channel.BasicPublishAsync(
                Exchanges.Sip, message.CallId, mandatory: true, properties, JsonSerializer.SerializeToUtf8Bytes(message, JsonSerializerOptions.Web)).AsTask()));
    }

    // As capture and a gateway would; completes with the time of the last answer.
    private static async Task<Task<long>> ListenAsync(IChannel channel, int messages)
    {
        string queue = (await channel.QueueDeclareAsync()).QueueName;
        foreach (string name in (string[])[nameof(CallStarted), nameof(CallAnswered), nameof(MediaNegotiated), nameof(CallEnded)])
        {
            await channel.ExchangeDeclareAsync(Exchanges.CallsPrefix + name, ExchangeType.Topic, durable: true);
            await channel.QueueBindAsync(queue, Exchanges.CallsPrefix + name, "#");
        }

        await channel.ExchangeDeclareAsync(Exchanges.SipHandled, ExchangeType.Topic, durable: true);
        await channel.QueueBindAsync(queue, Exchanges.SipHandled, "#");
        var done = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        var consumer = new AsyncEventingBasicConsumer(channel);
        int answers = 0;
        consumer.ReceivedAsync += (_, message) =>
        {
            if (message.Exchange == Exchanges.SipHandled && ++answers == messages)
                done.SetResult(Stopwatch.GetTimestamp());
            return Task.CompletedTask;
        };
        await channel.BasicConsumeAsync(queue, autoAck: true, consumer);
        return done.Task;
    }

    private static async Task<Running> StartAsync(RabbitMqBroker broker, string statePath)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ApplicationName = "figures" });
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            [$"{BrokerOptions.Section}:Uri"] = broker.Uri,
            ["CallMirror:SipTracker:StatePath"] = statePath,
        });
        builder.Services.AddRabbitMqMediaBus(builder.Configuration);
        builder.Services.AddSipTracker(builder.Configuration);
        builder.Services.AddRabbitMqControlPlane(builder.Configuration);
        var host = builder.Build();
        await host.StartAsync();
        await host.Services.GetRequiredService<ControlPlaneState>().WhenUpAsync(CancellationToken.None);
        return new Running(host);
    }

    private sealed class Running(IHost host) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await host.StopAsync();
            await ((IAsyncDisposable)host).DisposeAsync();
        }
    }
}
