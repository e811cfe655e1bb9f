using System.Diagnostics;
using BenchmarkDotNet.Attributes;
using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Media;
using CallMirror.Contracts.Naming;
using CallMirror.Messaging.InProcess;
using CallMirror.WsGateway;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CallMirror.Benchmarks.WsGateway;

/// <summary>
/// Whole calls from the lane to a listener over loopback, as fast as they go: per frame of 20 ms, connections and their end included. Kernel and
/// listener run on the same cores; the CPU time printed at the end is of all of them together.
/// </summary>
[MemoryDiagnoser]
public class PushBenchmarks : IDisposable
{
    private const int Calls = 100;
    private const int Windows = 100;
    private const int WindowSamples = 1600;
    private const int FramesPerWindow = 5;
    private const int Frames = Calls * Windows * FramesPerWindow * 2;

    private readonly List<(string CallId, MediaBuffer[] Chunks)> _calls = [];
    private DiscardingListener _listener = null!;
    private IHost _host = null!;
    private InProcessMediaBus _bus = null!;
    private TimeSpan _cpu;
    private TimeSpan _elapsed;
    private long _frames;

    [GlobalSetup]
    public void Setup()
    {
        _listener = new DiscardingListener();
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddInProcessMediaBus(WhenFull.Wait);
        builder.Services.AddWsGateway(options => options.Url = _listener.Url);
        builder.Logging.ClearProviders();
        _host = builder.Build();
        _bus = _host.Services.GetRequiredService<InProcessMediaBus>();
        for (int i = 0; i < Calls; i++)
            _calls.Add(($"call-{i}", [.. Enumerable.Range(0, Windows + 1).Select(window => Chunk($"call-{i}", window))]));
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        Console.WriteLine(
            $"// {_frames / _elapsed.TotalSeconds:N0} frames a second, {_frames / _cpu.TotalSeconds:N0} frames a CPU-second, {_frames * 640 / 1e6 / _cpu.TotalSeconds:N0} MB of L16 a CPU-second, {_frames * 0.02 / _cpu.TotalSeconds:N0} stream-seconds a CPU-second");
        Dispose();
    }

    public void Dispose()
    {
        _host.Dispose();
        _listener.Dispose();
        GC.SuppressFinalize(this);
    }

    [Benchmark(OperationsPerInvoke = Frames)]
    public async Task Push()
    {
        var before = Environment.CpuUsage.TotalTime;
        long start = Stopwatch.GetTimestamp();
        var gateway = _host.Services.GetRequiredService<Gateway>();
        foreach (var (callId, _) in _calls)
        {
            await _bus.OpenLaneAsync(gateway.Group, new CallKey(callId, 0), CancellationToken.None);
            gateway.Follow(Negotiated(callId));
        }

        for (int window = 0; window <= Windows; window++)
            foreach (var (callId, chunks) in _calls)
                await _bus.PublishChunkAsync(new CallKey(callId, 0), chunks[window].AddReference(), CancellationToken.None);
        await _bus.WhenNoLanesAsync(CancellationToken.None);
        _elapsed += Stopwatch.GetElapsedTime(start);
        _cpu += Environment.CpuUsage.TotalTime - before;
        _frames += Frames;
    }

    private static MediaNegotiated Negotiated(string callId) => new()
    {
        CallId = callId,
        At = DateTimeOffset.UnixEpoch,
        StartedAt = DateTimeOffset.UnixEpoch,
        Version = 1,
        Streams = [],
    };

    private static MediaBuffer Chunk(string callId, int window)
    {
        bool end = window == Windows;
        long from = window * WindowSamples;
        long through = end ? from : from + WindowSamples;
        var buffer = new MediaBuffer();
        var header = new MediaHeader { Kind = MediaKind.L16Chunk, Source = 1, Sequence = (uint)window, SampleRate = 16_000, Epoch = 0, CapturedAt = window * 100_000_000L };
        var writer = new MediaMessageWriter(buffer, header, callId);
        for (byte role = 0; role < 2; role++)
        {
            writer.BeginSection(role, end ? SectionFlags.None : SectionFlags.Open, through);
            if (end)
            {
                writer.AddMark(new MediaMark { Kind = MarkKind.End, Position = through, Code = (byte)EndReason.Bye });
                continue;
            }

            writer.BeginRun(new RunHeader { Position = from, Ssrc = role, Timestamp = (uint)from, Codec = MediaCodec.L16 });
            new Random(window).NextBytes(writer.AppendPayload(WindowSamples * 2));
        }

        return buffer;
    }
}
