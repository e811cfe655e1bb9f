using CallMirror.Contracts.Tracing;
using CallMirror.EndToEnd.Tests.Distributed;
using CallMirror.TestKit.Tracing;

namespace CallMirror.EndToEnd.Tests;

/// <summary>The trace of a call in the embedded shape: the same tree, without a broker to publish to. Beside no others, which play the same calls.</summary>
[Collection(OneAtATime.Name)]
public sealed class EmbeddedTraceTests
{
    [Fact]
    public async Task A_call_is_one_trace_in_one_process_too()
    {
        using var folder = new TemporaryFolder();
        string callId = Scenario.CallIds("pcmu").First();
        using var heard = new SpanCollector(callId);
        Assert.Equal(0, (await Runs.ToSinkAsync(Runs.Capture("pcmu"), folder.Path)).ExitCode);

        var byId = heard.Spans.ToDictionary(span => span.SpanId);
        Assert.Single(heard.Spans.Select(span => span.TraceId).Distinct());
        Assert.Equal(CallTrace.Of(callId, heard["call"].StartTimeUtc).CallSpan, heard["call"].SpanId);
        Assert.Equal(
            [
                "call", "call/call answered", "call/call started", "call/capture callee", "call/capture caller", "call/capture window",
                "call/capture window/process callmirror.rtp", "call/capture window/process callmirror.rtp/process callmirror.pcm",
                "call/capture window/process callmirror.rtp/process callmirror.pcm/send to listener", "call/push callee", "call/push callee/store callee",
                "call/push caller", "call/push caller/store caller", "call/transcode callee", "call/transcode caller",
            ],
            heard.Spans.Select(span => Place(span)).Distinct().Order(StringComparer.Ordinal));

        string Place(System.Diagnostics.Activity span) => span.ParentSpanId == default ? span.DisplayName : $"{Place(byId[span.ParentSpanId])}/{span.DisplayName}";
    }
}
