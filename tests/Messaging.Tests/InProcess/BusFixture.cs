using System.Diagnostics.Metrics;
using CallMirror.Contracts.Media;
using CallMirror.Messaging.InProcess;
using CallMirror.Messaging.Media;
using CallMirror.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace CallMirror.Messaging.Tests.InProcess;

/// <summary>A bus, every buffer made for it, and what it counted as dropped.</summary>
internal sealed class BusFixture : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly MeterCounts _counts;
    private readonly List<MediaBuffer> _buffers = [];

    public BusFixture(int workQueue = 4, int lane = 4, WhenFull whenFull = WhenFull.Wait, int tap = 4)
    {
        var meters = _services.GetRequiredService<IMeterFactory>();
        _counts = new MeterCounts(meters);
        var options = new InProcessMediaOptions { WorkQueueLength = workQueue, LaneLength = lane, TapLength = tap, WhenFull = whenFull };
        Bus = new InProcessMediaBus(Options.Create(options), new MediaBusMetrics(meters), Time);
    }

    public ManualTimeProvider Time { get; } = new();

    public InProcessMediaBus Bus { get; }

    /// <summary>Drops by "queue reason".</summary>
    public IReadOnlyDictionary<string, long> Drops => _counts.All.ToDictionary(count => count.Key.Split(' ', 2)[1], count => count.Value);

    public int MadeCount => _buffers.Count;

    /// <summary>A message that holds one byte.</summary>
    public MediaBuffer Make(byte content)
    {
        var buffer = new MediaBuffer();
        buffer.Append(1)[0] = content;
        _buffers.Add(buffer);
        return buffer;
    }

    public ValueTask PublishBatchAsync(byte content, CancellationToken? cancellationToken = null) =>
        Bus.PublishBatchAsync("call", Make(content), cancellationToken ?? TestContext.Current.CancellationToken);

    public ValueTask PublishChunkAsync(byte content, string callId = "call", CancellationToken? cancellationToken = null) =>
        Bus.PublishChunkAsync(Key(callId), Make(content), cancellationToken ?? TestContext.Current.CancellationToken);

    public async Task<IMediaConsumer> OpenAsync(string group, string callId = "call")
    {
        await Bus.OpenLaneAsync(group, Key(callId), TestContext.Current.CancellationToken);
        return await Bus.ConsumeLaneAsync(group, Key(callId), TestContext.Current.CancellationToken);
    }

    public static async Task<byte> TakeAsync(IMediaConsumer consumer)
    {
        var delivery = await consumer.ReadAsync(TestContext.Current.CancellationToken);
        Assert.NotNull(delivery);
        byte content = Assert.Single(delivery.Body.ToArray());
        await consumer.AcknowledgeAsync(delivery, TestContext.Current.CancellationToken);
        return content;
    }

    /// <summary>How many messages' memory nobody holds any more.</summary>
    public int GivenBackCount() => _buffers.Count(IsGivenBack);

    public static bool IsGivenBack(MediaBuffer buffer)
    {
        try
        {
            return buffer.Memory.Length < 0;
        }
        catch (ObjectDisposedException)
        {
            return true;
        }
    }

    public void Dispose()
    {
        Bus.Dispose();
        _counts.Dispose();
        _services.Dispose();
    }
}
