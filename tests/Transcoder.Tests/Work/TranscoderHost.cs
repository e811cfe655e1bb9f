using System.Diagnostics.Metrics;
using CallMirror.Contracts.Media;
using CallMirror.Messaging.InProcess;
using CallMirror.Messaging.Media;
using CallMirror.Transcoder.Tests.Transcoding;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CallMirror.Transcoder.Tests.Work;

/// <summary>A host with the transcoder on an in-process bus, and one lane to listen at.</summary>
internal sealed class TranscoderHost : IAsyncDisposable
{
    public const string CallId = "call@pbx";

    private readonly MeterListener listener = new();
    private readonly Dictionary<string, long> counts = [];
    private readonly IHost host;

    private TranscoderHost(Action<TranscoderOptions>? configure, Action<InProcessMediaOptions>? bounds)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.ClearProviders();
        builder.Services.Configure(bounds ?? (_ => { })).AddSingleton<MediaBusMetrics>().AddSingleton<IMediaBus, InProcessMediaBus>();
        builder.Services.AddTranscoder(configure);
        host = builder.Build();
        Bus = host.Services.GetRequiredService<IMediaBus>();
        Count(host.Services.GetRequiredService<IMeterFactory>());
    }

    public IMediaBus Bus { get; }

    public static async Task<TranscoderHost> StartAsync(
        Action<TranscoderOptions>? configure = null, Action<InProcessMediaOptions>? bounds = null)
    {
        var host = new TranscoderHost(configure, bounds);
        await host.Bus.OpenLaneAsync("test", CallId, TestContext.Current.CancellationToken);
        await host.host.StartAsync(TestContext.Current.CancellationToken);
        return host;
    }

    public ValueTask<IMediaConsumer> ListenAsync() => Bus.ConsumeLaneAsync("test", CallId, TestContext.Current.CancellationToken);

    public Task StopAsync() => host.StopAsync(TestContext.Current.CancellationToken);

    public async Task PublishAsync(byte[] batch)
    {
        var buffer = new MediaBuffer();
        batch.CopyTo(buffer.Append(batch.Length));
        await Bus.PublishBatchAsync(CallId, buffer, TestContext.Current.CancellationToken);
    }

    public static async Task<Chunk> ReadAsync(IMediaConsumer lane)
    {
        var delivery = await lane.ReadAsync(TestContext.Current.CancellationToken);
        Assert.NotNull(delivery);
        var chunk = Chunk.Read(delivery.Body.Span);
        await lane.AcknowledgeAsync(delivery, TestContext.Current.CancellationToken);
        return chunk;
    }

    /// <summary>What a counter stands at, all its tags named after it.</summary>
    public long Count(string counter)
    {
        lock (counts)
            return counts.GetValueOrDefault(counter);
    }

    public async ValueTask DisposeAsync()
    {
        await host.StopAsync(CancellationToken.None);
        listener.Dispose();
        host.Dispose();
    }

    private void Count(IMeterFactory meters)
    {
        listener.InstrumentPublished = (instrument, meter) =>
        {
            if (instrument.Meter.Scope == meters)
                meter.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            string name = string.Join(' ', [instrument.Name, .. tags.ToArray().Select(tag => $"{tag.Value}")]);
            lock (counts)
                counts[name] = counts.GetValueOrDefault(name) + value;
        });
        listener.Start();
    }
}
