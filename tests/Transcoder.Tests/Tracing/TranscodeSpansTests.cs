using System.Diagnostics;
using CallMirror.Contracts.Media;
using CallMirror.Contracts.Tracing;
using CallMirror.Messaging.Media;
using CallMirror.TestKit.Tracing;
using CallMirror.Transcoder.Tests.Transcoding;
using CallMirror.Transcoder.Tests.Work;

namespace CallMirror.Transcoder.Tests.Tracing;

public sealed class TranscodeSpansTests
{
    private static readonly MediaMark End = new() { Position = 1600, Kind = MarkKind.End, Code = 1 };

    [Fact]
    public async Task A_traced_batch_gets_a_hop_and_its_chunk_goes_on_below_it()
    {
        using var heard = new SpanCollector("hop@pbx");
        await using var host = await TranscoderHost.StartAsync(callId: "hop@pbx");
        await using var lane = await host.ListenAsync();
        var trace = CallTrace.Of("hop@pbx", Batch.Header.Epoch);
        await host.PublishAsync(Batch.Of(Batch.Header, 800, SectionFlags.None, [Batch.New(0, 800)], "hop@pbx"), trace.TraceParent);
        await host.PublishAsync(Batch.Of(Batch.Header, 1600, SectionFlags.None, [Batch.New(800, 800)], "hop@pbx"));

        string? context = await TraceParentAsync(lane);
        var hop = heard["process callmirror.rtp"];
        Assert.Equal((trace.TraceId, trace.CallSpan, ActivityKind.Consumer), (hop.TraceId, hop.ParentSpanId, hop.Kind));
        Assert.Equal(("in_process", 3L), (hop.GetTagItem("messaging.system"), hop.GetTagItem("callmirror.sequence")));
        Assert.Equal(CallTrace.Parent(trace.TraceId, hop.SpanId, isRecorded: true), context);
        Assert.Null(await TraceParentAsync(lane));
    }

    [Fact]
    public async Task A_stream_that_ends_has_a_span_with_what_was_made_of_it()
    {
        using var heard = new SpanCollector("ends@pbx");
        await using var host = await TranscoderHost.StartAsync(callId: "ends@pbx");
        await using var lane = await host.ListenAsync();
        await host.PublishAsync(Batch.Of(Batch.Header, 800, SectionFlags.None, [Batch.New(0, 800)], "ends@pbx"));
        await host.PublishAsync(Batch.Of(Batch.Header, 1600, SectionFlags.None, [Batch.New(800, 800)], "ends@pbx", End));
        await TraceParentAsync(lane);
        await TraceParentAsync(lane);

        var span = heard["transcode caller"];
        var trace = CallTrace.Of("ends@pbx", Batch.Header.Epoch);
        Assert.Equal((trace.TraceId, trace.CallSpan), (span.TraceId, span.ParentSpanId));
        Assert.Equal((2L, 3200L), (span.GetTagItem("callmirror.batches"), span.GetTagItem("callmirror.samples")));
    }

    [Fact]
    public async Task One_that_another_transcoder_ends_is_told_when_this_one_stops()
    {
        using var heard = new SpanCollector("stops@pbx");
        await using var host = await TranscoderHost.StartAsync(callId: "stops@pbx");
        await using var lane = await host.ListenAsync();
        await host.PublishAsync(Batch.Of(Batch.Header, 800, SectionFlags.None, [Batch.New(0, 800)], "stops@pbx"));
        await TraceParentAsync(lane);
        Assert.Empty(heard.Spans);

        await host.StopAsync();

        Assert.Equal(1600L, heard["transcode caller"].GetTagItem("callmirror.samples"));
    }

    private static async Task<string?> TraceParentAsync(IMediaConsumer lane)
    {
        var delivery = await lane.ReadAsync(TestContext.Current.CancellationToken);
        string? traceParent = delivery!.Buffer.TraceParent;
        await lane.AcknowledgeAsync(delivery, TestContext.Current.CancellationToken);
        return traceParent;
    }
}
