using System.Diagnostics.Metrics;
using CallMirror.Contracts.Media;
using CallMirror.Messaging.Broker;
using CallMirror.Messaging.Media;
using CallMirror.Messaging.RabbitMq;
using CallMirror.TestKit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CallMirror.Messaging.Tests.RabbitMq;

/// <summary>A process's media bus over a real broker, as its host has it, with what it logs and counts.</summary>
internal sealed class BusProcess : IAsyncDisposable
{
    private readonly IHost _host;
    private bool _isDisposed;

    private BusProcess(IHost host, LineLog log)
    {
        (_host, Log) = (host, log);
        Counts = new MeterCounts(host.Services.GetRequiredService<IMeterFactory>());
    }

    public LineLog Log { get; }

    public MeterCounts Counts { get; }

    public IMediaBus Bus => _host.Services.GetRequiredService<IMediaBus>();

    public IBrokerHealth Health => _host.Services.GetRequiredService<IBrokerHealth>();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Starts one; settings are those of the section, as <c>Shards=2</c>.</summary>
    public static async Task<BusProcess> StartAsync(string uri, params string[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ApplicationName = "bus-tests" });
        var log = new LineLog();
        builder.Logging.AddProvider(log).SetMinimumLevel(LogLevel.Trace);
        var section = settings.Select(setting => setting.Split('=', 2)).Append(["Uri", uri]);
        builder.Configuration.AddInMemoryCollection(section.Select(pair => KeyValuePair.Create($"{BrokerOptions.Section}:{pair[0]}", (string?)pair[1])));
        builder.Services.AddRabbitMqMediaBus(builder.Configuration);
        var host = builder.Build();
        await host.StartAsync(Cancel);
        return new BusProcess(host, log);
    }

    /// <summary>A message that holds one number.</summary>
    public static MediaBuffer Make(int content, int bytes = 4)
    {
        var buffer = new MediaBuffer();
        buffer.Append(bytes).Clear();
        BitConverter.TryWriteBytes(buffer.Span, content);
        return buffer;
    }

    public static int Content(MediaDelivery delivery) => BitConverter.ToInt32(delivery.Body.Span);

    public ValueTask PublishBatchAsync(int content, string callId = "call") => Bus.PublishBatchAsync(callId, Make(content), Cancel);

    public ValueTask PublishChunkAsync(int content, string callId = "call") => Bus.PublishChunkAsync(Key(callId), Make(content), Cancel);

    public async Task<IMediaConsumer> OpenLaneAsync(string callId = "call", string group = "test")
    {
        await Bus.OpenLaneAsync(group, Key(callId), Cancel);
        return await Bus.ConsumeLaneAsync(group, Key(callId), Cancel);
    }

    public static async Task<MediaDelivery> ReadAsync(IMediaConsumer consumer, TimeSpan? limit = null)
    {
        var delivery = await consumer.ReadAsync(Cancel).AsTask().WaitAsync(limit ?? TimeSpan.FromSeconds(20), Cancel);
        Assert.NotNull(delivery);
        return delivery;
    }

    /// <summary>Reads one message and acknowledges it.</summary>
    public static async Task<int> TakeAsync(IMediaConsumer consumer, TimeSpan? limit = null)
    {
        var delivery = await ReadAsync(consumer, limit);
        int content = Content(delivery);
        await consumer.AcknowledgeAsync(delivery, Cancel);
        return content;
    }

    public static async Task<List<int>> TakeAsync(IMediaConsumer consumer, int count)
    {
        List<int> contents = [];
        while (contents.Count < count)
            contents.Add(await TakeAsync(consumer));
        return contents;
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, true))
            return;
        await _host.StopAsync(CancellationToken.None);
        Counts.Dispose();
        await ((IAsyncDisposable)_host).DisposeAsync();
    }
}
