using CallMirror.Capture.Tracing;
using CallMirror.Contracts.Media;
using CallMirror.Contracts.Tracing;
using CallMirror.ServiceDefaults.Telemetry;
using CallMirror.TestKit.Tracing;
using Microsoft.Extensions.Options;

namespace CallMirror.Capture.Tests.Tracing;

[Collection(nameof(Engine.AllocationTests))]
public sealed class CaptureSpansTests
{
    private const string CallId = "sampled@pbx";
    private const long EpochNs = 1_700_000_000_000_000_000;

    [Theory]
    [InlineData(3, new[] { 0L, 3L, 6L, 9L })]
    [InlineData(200, new[] { 0L })]
    [InlineData(0, new long[0])]
    public void The_first_batch_and_then_one_in_so_many_is_traced(int sampling, long[] traced)
    {
        using var heard = new SpanCollector(CallId);
        var spans = Spans(sampling);
        var contexts = Enumerable.Range(0, 10).Select(number => Sampled(spans, (uint)number)).ToList();

        Assert.Equal(traced, heard.Spans.Select(span => span.GetTagItem("callmirror.sequence")).Cast<long>());
        Assert.Equal(traced, contexts.Index().Where(batch => batch.Item is not null).Select(batch => (long)batch.Index));
        Assert.Equal(heard.Spans.Select(span => span.Id), contexts.Where(context => context is not null));
        Assert.All(heard.Spans, span => Assert.Equal(CallTrace.Of(CallId, EpochNs).CallSpan, span.ParentSpanId));
    }

    [Fact]
    public void A_window_lasts_from_when_its_first_new_sample_was_heard()
    {
        using var heard = new SpanCollector(CallId);
        Sampled(Spans(1), 0);

        // The run begins 8 samples, a millisecond, after the epoch; the window was closed at 100 ms.
        Assert.Equal(TimeSpan.FromMilliseconds(99), heard["capture window"].Duration);
        Assert.Equal(160L, heard["capture window"].GetTagItem("callmirror.samples"));
    }

    [Fact]
    public void Where_nobody_listens_a_batch_costs_nothing()
    {
        var spans = Spans(1);
        using var batch = Batch(0);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
            spans.Sample(CallId, batch, EpochNs, isLive: true);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Null(batch.TraceParent);
    }

    private static CaptureSpans Spans(int sampling) => new(Options.Create(new TracingOptions { BatchSampling = sampling }), TimeProvider.System);

    private static string? Sampled(CaptureSpans spans, uint sequence)
    {
        using var batch = Batch(sequence);
        spans.Sample(CallId, batch, EpochNs + 100_000_000, isLive: false);
        return batch.TraceParent;
    }

    private static MediaBuffer Batch(uint sequence)
    {
        var buffer = new MediaBuffer();
        var header = new MediaHeader { Kind = MediaKind.RtpBatch, Source = 1, Sequence = sequence, SampleRate = 8000, Epoch = EpochNs, CapturedAt = EpochNs };
        var writer = new MediaMessageWriter(buffer, header, CallId);
        writer.BeginSection(0, SectionFlags.None, 168);
        writer.AddRun(new RunHeader { Position = 0, Ssrc = 1, Timestamp = 0, Codec = MediaCodec.Pcma, Flags = RunFlags.History }, new byte[8]);
        writer.AddRun(new RunHeader { Position = 8, Ssrc = 1, Timestamp = 8, Codec = MediaCodec.Pcma }, new byte[160]);
        return buffer;
    }
}
