using System.Text;
using CallMirror.Contracts.Tracing;
using CallMirror.TestKit.Tracing;

namespace CallMirror.EndToEnd.Tests.Distributed;

/// <summary>What five processes tell an OTLP receiver of a call: the tree, the names, the attributes.</summary>
[Collection(OneAtATime.Name)]
public sealed class TraceTreeTests(TracedRun run) : IClassFixture<TracedRun>
{
    private const int Producer = 4, Consumer = 5;

    private static readonly string[] Tree =
    [
        "call [callmirror-sip-tracker]",
        "call/call answered [callmirror-sip-tracker]",
        "call/call started [callmirror-sip-tracker]",
        "call/capture callee [callmirror-capture]",
        "call/capture caller [callmirror-capture]",
        "call/capture window [callmirror-capture]",
        "call/capture window/publish callmirror.rtp [callmirror-capture]",
        "call/capture window/publish callmirror.rtp/process callmirror.rtp [callmirror-transcoder]",
        "call/capture window/publish callmirror.rtp/process callmirror.rtp/publish callmirror.pcm [callmirror-transcoder]",
        "call/capture window/publish callmirror.rtp/process callmirror.rtp/publish callmirror.pcm/process callmirror.pcm [callmirror-ws-gateway]",
        "call/capture window/publish callmirror.rtp/process callmirror.rtp/publish callmirror.pcm/process callmirror.pcm/send to listener [callmirror-ws-gateway]",
        "call/push callee [callmirror-ws-gateway]",
        "call/push callee/store callee [callmirror-ws-sink]",
        "call/push caller [callmirror-ws-gateway]",
        "call/push caller/store caller [callmirror-ws-sink]",
        "call/transcode callee [callmirror-transcoder]",
        "call/transcode caller [callmirror-transcoder]",
    ];

    private IEnumerable<IGrouping<string?, ReceivedSpan>> Calls => run.Spans.GroupBy(span => span.Text(SpanAttributes.CallId));

    [Fact]
    public void Each_call_is_one_trace_with_one_tree()
    {
        Assert.Equal(run.Calls.Keys.Order(StringComparer.Ordinal), Calls.Select(call => call.Key).Order(StringComparer.Ordinal));
        foreach (var call in Calls)
        {
            Assert.Single(call.Select(span => span.TraceId).Distinct());
            Assert.Equal(call.Count(), call.Select(span => span.Id).Distinct().Count());
            Assert.Equal(Tree, call.Select(span => Place(span, call)).Distinct().Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public void The_ids_follow_from_call_id_and_epoch()
    {
        foreach (var (callId, call) in run.Calls)
        {
            var root = Of(callId, "call");
            var trace = CallTrace.Of(callId, root.StartNs);
            Assert.Equal((trace.TraceId.ToHexString(), trace.CallSpan.ToHexString()), (root.TraceId, root.Id));
            Assert.Equal(call.StartedAt, DateTimeOffset.UnixEpoch.AddTicks(root.StartNs / 1000 * 10));
            // What the listener was told, as it stored it.
            Assert.Contains(call.Text("traceparent"), new[] { "push caller", "push callee" }.Select(name => $"00-{root.TraceId}-{Of(callId, name).Id}-01"));
        }
    }

    [Fact]
    public void The_call_tells_what_happened_to_it_and_when()
    {
        var wire = GroundTruth.Sip(TestData.Capture("hold-resume"));
        bool Rang(string callId) => wire.Any(sip => sip.Text.StartsWith("SIP/2.0 180", StringComparison.Ordinal) && sip.Text.Contains(callId, StringComparison.Ordinal));
        foreach (string callId in run.Calls.Keys)
        {
            var call = Of(callId, "call");
            Assert.Equal(Rang(callId), call.EventNames.Contains("ringing"));
            Assert.Equal(["answered", "ended"], call.EventNames.Where(name => name is "answered" or "ended"));
            Assert.Equal(call.Events.OrderBy(moment => moment.AtNs), call.Events);
            Assert.Equal(call.EndNs, call.Events[^1].AtNs);
            Assert.Equal("bye", call.Text(SpanAttributes.EndReason));
            Assert.False(call.IsError);
        }

        Assert.Contains(run.Calls.Keys, Rang);
        var held = Assert.Single(run.Calls.Keys.Select(callId => Of(callId, "call")), call => call.EventNames.Contains("held"));
        Assert.InRange(Milliseconds(held, "held", "resumed"), 3900, 4200);
    }

    [Fact]
    public void Each_stream_has_its_figures()
    {
        var truth = GroundTruth.Read(TestData.Capture("hold-resume"));
        foreach (var (callId, call) in run.Calls)
            foreach (var stream in call.Streams)
            {
                string role = stream.GetProperty("direction").GetString()!;
                long stored = stream.GetProperty("samples").GetInt64();
                var capture = Of(callId, $"capture {role}");
                Assert.Contains(truth, said => said.Packets.Count == capture.Number("callmirror.packets"));
                Assert.Equal((0, 0), (capture.Number("callmirror.lost"), capture.Number("callmirror.late")));
                Assert.InRange(Assert.IsType<double>(capture.Attributes["callmirror.jitter_ms"]), 0, 20);
                // Half the rate, and no sample for the silence in between.
                Assert.Equal(2 * capture.Number(SpanAttributes.Samples), Of(callId, $"transcode {role}").Number(SpanAttributes.Samples));
                var push = Of(callId, $"push {role}");
                Assert.Equal(stored, push.Number(SpanAttributes.Samples));
                Assert.Equal((0, 0, "bye"), (push.Number("callmirror.reconnects"), push.Number("callmirror.gaps"), push.Text(SpanAttributes.EndReason)));
                Assert.Equal(stored, Of(callId, $"store {role}").Number(SpanAttributes.Samples));
            }
    }

    [Fact]
    public void One_batch_in_so_many_is_traced_and_its_hops_follow_the_messaging_conventions()
    {
        foreach (var call in Calls)
        {
            var windows = call.Where(span => span.Name == "capture window").Select(span => span.Number(SpanAttributes.Sequence)).Order().ToList();
            long batches = call.Where(span => span.Name.StartsWith("transcode ", StringComparison.Ordinal)).Max(span => span.Number(SpanAttributes.Batches));
            Assert.Equal(Enumerable.Range(0, windows.Count).Select(number => (long)number * TracedRun.Sampling), windows);
            Assert.InRange(windows.Count, (batches / TracedRun.Sampling) - 1, (batches / TracedRun.Sampling) + 1);
            foreach (string hop in new[] { "publish callmirror.rtp", "process callmirror.rtp", "publish callmirror.pcm", "process callmirror.pcm", "send to listener" })
                Assert.Equal(windows.Count, call.Count(span => span.Name == hop));
            foreach (var hop in call.Where(span => span.Kind is Producer or Consumer))
                AssertMessaging(hop, call.Key!);
        }
    }

    [Fact]
    public void A_hop_begins_after_the_one_before_it()
    {
        var spans = run.Spans.ToDictionary(span => (span.TraceId, span.Id));
        foreach (var hop in run.Spans.Where(span => span.Kind is Producer or Consumer || span.Name == "send to listener"))
            Assert.True(hop.StartNs >= spans[(hop.TraceId, hop.ParentId)].StartNs, hop.Name);
    }

    [Fact]
    public void No_party_of_a_call_is_in_any_byte_that_was_exported()
    {
        string[] users = [.. run.Calls.Values.SelectMany(call => new[] { call.Text("from"), call.Text("to") }).Select(uri => $"{uri![4..].Split('@')[0]}@").Distinct()];
        Assert.Contains("1000@", users);
        Assert.NotEmpty(run.Bodies);
        foreach (string body in run.Bodies.Select(Encoding.Latin1.GetString))
        {
            Assert.DoesNotContain("sip:", body, StringComparison.OrdinalIgnoreCase);
            Assert.All(users, user => Assert.DoesNotContain(user, body, StringComparison.Ordinal));
        }
    }

    private static void AssertMessaging(ReceivedSpan hop, string callId)
    {
        bool publishes = hop.Kind == Producer;
        Assert.Equal(publishes ? "CallMirror.Messaging" : hop.Service == "callmirror-transcoder" ? "CallMirror.Transcoder" : "CallMirror.WsGateway", hop.Scope);
        Assert.Equal("rabbitmq", hop.Text("messaging.system"));
        Assert.Equal(publishes ? "publish" : "process", hop.Text("messaging.operation.name"));
        Assert.Equal(publishes ? "send" : "process", hop.Text("messaging.operation.type"));
        Assert.Equal(hop.Name, $"{hop.Text("messaging.operation.name")} {hop.Text("messaging.destination.name")}");
        Assert.Equal(callId, hop.Text("messaging.rabbitmq.destination.routing_key"));
        Assert.InRange(hop.Number("messaging.message.body.size"), 40, 100_000);
    }

    private static string Place(ReceivedSpan span, IEnumerable<ReceivedSpan> call)
    {
        var path = new Stack<string>();
        for (var at = span; at is not null; at = at.ParentId.Length == 0 ? null : call.Single(above => above.Id == at.ParentId))
            path.Push(at.Name);
        return $"{string.Join('/', path)} [{span.Service}]";
    }

    private ReceivedSpan Of(string callId, string name) => run.Spans.Single(span => span.Name == name && span.Text(SpanAttributes.CallId) == callId);

    private static double Milliseconds(ReceivedSpan call, string from, string to) =>
        (call.Events.First(moment => moment.Name == to).AtNs - call.Events.First(moment => moment.Name == from).AtNs) / 1e6;
}
