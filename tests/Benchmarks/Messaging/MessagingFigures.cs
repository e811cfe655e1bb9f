using System.Diagnostics;
using System.Globalization;
using CallMirror.Contracts.Media;
using CallMirror.Contracts.Naming;
using CallMirror.Messaging.Broker;
using CallMirror.Messaging.Media;
using CallMirror.Messaging.RabbitMq;
using CallMirror.TestKit.Broker;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace CallMirror.Benchmarks.Messaging;

/// <summary>Measures the media plane over a RabbitMQ of its own: messages from publisher to consumer, and lanes opened, subscribed, taken over and deleted.</summary>
/// <remarks><c>dotnet run -c Release --project tests/Benchmarks -- messaging [MESSAGES BYTES LANES]</c></remarks>
internal static class MessagingFigures
{
    private const int Runs = 3;
    private const int Calls = 100;
    private const int ChunksInLane = 20;

    /// <summary>Prints a line a run.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var (messages, bytes, lanes) = args.Length >= 3 ? (Number(args[0]), Number(args[1]), Number(args[2])) : (30_000, 2000, 500);
        await using var broker = await RabbitMqBroker.StartAsync(CancellationToken.None);
        Console.WriteLine($"{messages} messages of {bytes} bytes from one publisher, median of {Runs} runs after a warm-up:");
        foreach (bool durable in (bool[])[true, false])
            foreach (int consumers in (int[])[1, 3])
                await MeasureAsync(broker, durable, consumers, messages, bytes);
        await RabbitMqClean.RunAsync(broker.Uri);
        await MeasureLanesAsync(broker, lanes);
        return 0;
    }

    private static async Task MeasureAsync(RabbitMqBroker broker, bool durable, int consumers, int messages, int bytes)
    {
        await RabbitMqClean.RunAsync(broker.Uri);
        List<(double Confirmed, double Through)> rates = [];
        for (int run = 0; run <= Runs; run++)
            rates.Add(await MeasureOnceAsync(broker, durable, consumers, messages, bytes));
        var (confirmed, through) = rates.Skip(1).OrderBy(rate => rate.Through).ElementAt(Runs / 2);
        Print($"  {(durable ? "persistent" : "transient"),-10} {consumers} consumer(s): {confirmed:0} a second confirmed, {through:0} a second through to acknowledgement");
    }

    private static async Task<(double Confirmed, double Through)> MeasureOnceAsync(RabbitMqBroker broker, bool durable, int consumers, int messages, int bytes)
    {
        using var publisher = await StartAsync(broker, durable);
        var readers = new IHost[consumers];
        int left = messages;
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var stopping = new CancellationTokenSource();
        for (int i = 0; i < consumers; i++)
            readers[i] = await StartAsync(broker, durable);
        var reading = readers.Select(reader => ReadAsync(Bus(reader))).ToArray();

        long begun = Stopwatch.GetTimestamp();
        for (int i = 0; i < messages; i++)
            await Bus(publisher).PublishBatchAsync($"call-{i % Calls}", Message(bytes), CancellationToken.None);
        await Bus(publisher).FlushAsync(CancellationToken.None);
        double confirmed = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        await done.Task;
        double through = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        await stopping.CancelAsync();
        await Task.WhenAll(reading);
        foreach (var host in readers.Append(publisher))
            await ((IAsyncDisposable)host).DisposeAsync();
        return (messages / confirmed, messages / through);

        async Task ReadAsync(IMediaBus bus)
        {
            await using var consumer = await bus.ConsumeBatchesAsync(CancellationToken.None);
            try
            {
                while (await consumer.ReadAsync(stopping.Token) is { } delivery)
                {
                    await consumer.AcknowledgeAsync(delivery, CancellationToken.None);
                    if (Interlocked.Decrement(ref left) == 0)
                        done.SetResult();
                }
            }
            catch (OperationCanceledException)
            {
                // All are read.
            }
        }
    }

    private static async Task MeasureLanesAsync(RabbitMqBroker broker, int count)
    {
        var first = await StartAsync(broker, durable: true);
        await using var second = (IAsyncDisposable)await StartAsync(broker, durable: true);
        var bus = Bus((IHost)second);
        string[] calls = [.. Enumerable.Range(0, count).Select(call => $"lane-{call}")];
        long begun = Stopwatch.GetTimestamp();
        await Task.WhenAll(calls.Select(call => bus.OpenLaneAsync("figures", new CallKey(call, 0), CancellationToken.None).AsTask()));
        Print($"{count} lanes: {Rate(begun):0} opened a second");
        begun = Stopwatch.GetTimestamp();
        var owners = await Task.WhenAll(calls.Select(call => Bus(first).ConsumeLaneAsync("figures", new CallKey(call, 0), CancellationToken.None).AsTask()));
        var standbys = await Task.WhenAll(calls.Select(call => bus.ConsumeLaneAsync("figures", new CallKey(call, 0), CancellationToken.None).AsTask()));
        Print($"  {2 * Rate(begun):0} subscribed a second");
        begun = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, ChunksInLane).SelectMany(_ => calls.Select(call => bus.PublishChunkAsync(new CallKey(call, 0), Message(3200), CancellationToken.None).AsTask())));
        Print($"  {ChunksInLane * Rate(begun):0} chunks published a second");
        foreach (var owner in owners)
            for (int i = 0; i < ChunksInLane; i++)
                await owner.ReadAsync(CancellationToken.None);
        begun = Stopwatch.GetTimestamp();
        await ((IAsyncDisposable)first).DisposeAsync();
        foreach (var standby in standbys)
            for (int i = 0; i < ChunksInLane; i++)
                await standby.AcknowledgeAsync((await standby.ReadAsync(CancellationToken.None))!, CancellationToken.None);
        Print($"  taken over with {ChunksInLane} unacknowledged chunks each: {Stopwatch.GetElapsedTime(begun).TotalSeconds:0.00} s");
        begun = Stopwatch.GetTimestamp();
        await Task.WhenAll(calls.Select(call => bus.DeleteLaneAsync("figures", new CallKey(call, 0), CancellationToken.None).AsTask()));
        Print($"  {Rate(begun):0} deleted a second");

        double Rate(long since) => count / Stopwatch.GetElapsedTime(since).TotalSeconds;
    }

    private static async Task<IHost> StartAsync(RabbitMqBroker broker, bool durable)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ApplicationName = "figures" });
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            [$"{BrokerOptions.Section}:Uri"] = broker.Uri,
            [$"{BrokerOptions.Section}:Durable"] = durable.ToString(),
        });
        builder.Services.AddRabbitMqMediaBus(builder.Configuration);
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }

    private static IMediaBus Bus(IHost host) => host.Services.GetRequiredService<IMediaBus>();

    private static MediaBuffer Message(int bytes)
    {
        var message = new MediaBuffer(bytes);
        message.Append(bytes);
        return message;
    }

    private static void Print(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
