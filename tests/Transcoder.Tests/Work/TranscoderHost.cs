using System.Diagnostics.Metrics;
using CallMirror.Contracts.Media;
using CallMirror.Contracts.Naming;
using CallMirror.Messaging.InProcess;
using CallMirror.Messaging.Media;
using CallMirror.TestKit;
using CallMirror.Transcoder.Tests.Transcoding;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CallMirror.Transcoder.Tests.Work;

/// <summary>A host with the transcoder on an in-process bus, and one lane to listen at.</summary>
internal sealed class TranscoderHost : IAsyncDisposable
{
    public const string CallId = "call@pbx";

    private readonly MeterCounts _counts;
    private readonly IHost _host;
    private readonly string _callId;

    private TranscoderHost(Action<TranscoderOptions>? configure, Action<InProcessMediaOptions>? bounds, string callId)
    {
        _callId = callId;
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.ClearProviders();
        builder.Services.Configure(bounds ?? (_ => { })).AddSingleton<MediaBusMetrics>().AddSingleton<IMediaBus, InProcessMediaBus>();
        builder.Services.AddTranscoder(configure);
        _host = builder.Build();
        Bus = _host.Services.GetRequiredService<IMediaBus>();
        _counts = new MeterCounts(_host.Services.GetRequiredService<IMeterFactory>());
    }

    public IMediaBus Bus { get; }

    public static async Task<TranscoderHost> StartAsync(
        Action<TranscoderOptions>? configure = null, Action<InProcessMediaOptions>? bounds = null, string callId = CallId)
    {
        var host = new TranscoderHost(configure, bounds, callId);
        await host.Bus.OpenLaneAsync("test", Key(callId), TestContext.Current.CancellationToken);
        await host._host.StartAsync(TestContext.Current.CancellationToken);
        return host;
    }

    private static CallKey Key(string callId) => new(callId, Batch.Header.Epoch);

    public ValueTask<IMediaConsumer> ListenAsync() => Bus.ConsumeLaneAsync("test", Key(_callId), TestContext.Current.CancellationToken);

    public Task StopAsync() => _host.StopAsync(TestContext.Current.CancellationToken);

    public async Task PublishAsync(byte[] batch, string? traceParent = null)
    {
        var buffer = new MediaBuffer { TraceParent = traceParent };
        batch.CopyTo(buffer.Append(batch.Length));
        await Bus.PublishBatchAsync(_callId, buffer, TestContext.Current.CancellationToken);
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
    public long Count(string counter) => _counts[counter];

    /// <summary>How often a histogram was given a value.</summary>
    public int Recorded(string histogram) => _counts.Recorded(histogram).Count;

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync(CancellationToken.None);
        _counts.Dispose();
        _host.Dispose();
    }
}
