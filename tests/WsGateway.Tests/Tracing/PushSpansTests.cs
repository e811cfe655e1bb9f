using System.Diagnostics;
using CallMirror.Contracts.Tracing;
using CallMirror.TestKit.Tracing;
using CallMirror.WsGateway.Tests.Assembly;
using CallMirror.WsGateway.Tests.Calls;
using CallMirror.WsGateway.Tests.Connections;

namespace CallMirror.WsGateway.Tests.Tracing;

public sealed class PushSpansTests
{
    private const string CallId = "traced@pbx";

    private static readonly CallTrace Trace = CallTrace.Of(CallId, GatewayUnderTest.Negotiated().StartedAt);

    [Fact]
    public async Task Each_stream_has_a_span_below_the_call_and_its_listener_is_told_of_it()
    {
        using var heard = new SpanCollector(CallId);
        await using var listener = await TestListener.StartAsync(TestContext.Current.CancellationToken, acknowledges: true);
        await using var gateway = await GatewayUnderTest.StartAsync(listener.Url);
        var chunks = Chunks.Call(windows: 5, CallId).ToList();
        var above = ActivitySpanId.CreateRandom();
        chunks[1].TraceParent = CallTrace.Parent(Trace.TraceId, above, isRecorded: true);

        await gateway.FollowAsync(CallId);
        await gateway.PublishAsync(chunks, CallId);
        await gateway.IdleAsync();

        for (int role = 0; role < 2; role++)
        {
            var push = heard[$"push {SpanAttributes.RoleName(role)}"];
            Assert.Equal((Trace.TraceId, Trace.CallSpan), (push.TraceId, push.ParentSpanId));
            Assert.Equal((5 * 1600L, 0L, 0L, "bye"), (push.GetTagItem("callmirror.samples"), push.GetTagItem("callmirror.reconnects"), push.GetTagItem("callmirror.gaps"), push.GetTagItem("callmirror.end_reason")));
            Assert.Equal($"00-{Trace.TraceId}-{push.SpanId}-01", listener.Of($"{CallId}-{role}").Start.GetProperty("traceparent").GetString());
        }

        var hop = heard["process callmirror.pcm"];
        Assert.Equal((Trace.TraceId, above, ActivityKind.Consumer), (hop.TraceId, hop.ParentSpanId, hop.Kind));
        Assert.Equal(hop.SpanId, heard["send to listener"].ParentSpanId);
        Assert.Equal(4, heard.Spans.Count);
    }

    [Fact]
    public async Task A_stream_whose_listener_is_not_to_be_had_is_an_error()
    {
        const string Lost = "lost@pbx";
        using var heard = new SpanCollector(Lost);
        using var port = new TestKit.ReservedPort();
        await using var gateway = await GatewayUnderTest.StartAsync(new Uri($"ws://127.0.0.1:{port.Number}/"), options => options.GiveUpAfter = TimeSpan.FromMilliseconds(50));
        await gateway.PushAsync(windows: 2, Lost);

        Assert.Equal(ActivityStatusCode.Error, heard["push caller"].Status);
        Assert.StartsWith("no listener at", heard["push caller"].StatusDescription, StringComparison.Ordinal);
    }
}
