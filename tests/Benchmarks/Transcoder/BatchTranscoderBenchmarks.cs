using BenchmarkDotNet.Attributes;
using CallMirror.Contracts.Media;
using CallMirror.Transcoder.Transcoding;

namespace CallMirror.Benchmarks.Transcoder;

/// <summary>A batch as capture sends it ten times a second: 100 ms of A-law of both roles, to an L16 chunk. Target: 100 million input samples a second.</summary>
[MemoryDiagnoser]
public class BatchTranscoderBenchmarks
{
    private const int Window = 800;

    private readonly BatchTranscoder _to16k = new(16000);
    private readonly BatchTranscoder _to8k = new(8000);
    private readonly MediaBuffer _chunk = new(1 << 16);
    private readonly byte[] _batch = MakeBatch();

    [Benchmark(OperationsPerInvoke = 2 * Window, Description = "A-law to L16 at 16 kHz, per input sample")]
    public bool To16k()
    {
        _chunk.Clear();
        return _to16k.TryTranscode(_batch, _chunk, out _);
    }

    [Benchmark(OperationsPerInvoke = 2 * Window, Description = "A-law to L16 at 8 kHz, per input sample")]
    public bool To8k()
    {
        _chunk.Clear();
        return _to8k.TryTranscode(_batch, _chunk, out _);
    }

    [GlobalCleanup]
    public void GiveBack() => _chunk.Dispose();

    private static byte[] MakeBatch()
    {
        const long Position = 80_000;
        var header = new MediaHeader { Kind = MediaKind.RtpBatch, Source = 1, Sequence = 100, SampleRate = 8000, Epoch = 0, CapturedAt = 0 };
        using var buffer = new MediaBuffer();
        var writer = new MediaMessageWriter(buffer, header, "7e3b0c2a-84f1-4bd9-9a63-d4c7b0b3a001@pbx.example");
        var random = new Random(1);
        for (byte role = 0; role < 2; role++)
        {
            writer.BeginSection(role, SectionFlags.Open, Position + Window);
            var run = new RunHeader { Position = Position, Ssrc = 1, Timestamp = 1, Codec = MediaCodec.Pcma };
            writer.BeginRun(run with { Position = Position - MediaLayout.HistorySamples, Flags = RunFlags.History });
            random.NextBytes(writer.AppendPayload(MediaLayout.HistorySamples));
            writer.BeginRun(run with { Timestamp = 1 + MediaLayout.HistorySamples });
            random.NextBytes(writer.AppendPayload(Window));
        }

        return buffer.Memory.ToArray();
    }
}
