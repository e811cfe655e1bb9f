using System.Diagnostics;
using System.Threading.Channels;
using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Tracing;
using CallMirror.Messaging.Control;
using CallMirror.Messaging.Tracing;
using CallMirror.ServiceDefaults.Telemetry;
using CallMirror.SipTracker.Tests.Calls;
using CallMirror.TestKit.Tracing;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;

namespace CallMirror.SipTracker.Tests.Tracing;

public sealed class CallSpansTests
{
    [Fact]
    public async Task A_call_is_one_span_from_invite_to_end_with_its_moments()
    {
        var phone = new Phone("traced-1");
        using var heard = new SpanCollector(phone.CallId);
        await using var host = await TrackerHost.StartAsync();
        await host.TakeAsync(phone.Up());
        await host.TakeAsync(phone.Caller("INVITE", 2, "10.0.0.1 4000 RTP/AVP 8 sendonly"), phone.Reply(200, 2, "10.0.0.2 5000 RTP/AVP 8 recvonly"));
        Assert.Equal(["call started", "call answered"], heard.Spans.Select(span => span.DisplayName));
        await host.TakeAsync(phone.After(60).Caller("BYE", 3));

        var call = heard["call"];
        var trace = CallTrace.Of(phone.CallId, Phone.Epoch.AddSeconds(0.01));
        Assert.Equal((trace.TraceId, trace.CallSpan, default), (call.TraceId, call.SpanId, call.ParentSpanId));
        Assert.Equal(["ringing", "answered", "held", "ended"], call.Events.Select(moment => moment.Name));
        Assert.Equal("caller", call.Events.Single(moment => moment.Name == "held").Tags.Single().Value);
        Assert.Equal((Phone.Epoch.AddSeconds(0.01).UtcDateTime, TimeSpan.FromSeconds(60.06)), (call.StartTimeUtc, call.Duration));
        Assert.Equal(("bye", "caller"), (call.GetTagItem("callmirror.end_reason"), call.GetTagItem("callmirror.ended_by")));
        Assert.All(heard.Spans.Where(span => span != call), span => Assert.Equal((trace.TraceId, trace.CallSpan), (span.TraceId, span.ParentSpanId)));
        Assert.Equal(TimeSpan.FromSeconds(0.02), heard["call answered"].Duration);
    }

    [Fact]
    public async Task After_a_restart_it_is_the_same_span_with_all_its_moments()
    {
        using var folder = new TemporaryFolder();
        var phone = new Phone("traced-2");
        using var heard = new SpanCollector(phone.CallId);
        await using (var first = await TrackerHost.StartAsync(options => options.StatePath = folder.File("calls.db")))
            await first.TakeAsync(phone.Up());
        await using (var second = await TrackerHost.StartAsync(options => options.StatePath = folder.File("calls.db")))
            await second.TakeAsync(phone.After(5).Caller("BYE", 2));

        var call = heard["call"];
        Assert.Equal(["ringing", "answered", "ended"], call.Events.Select(moment => moment.Name));
        Assert.Equal((heard["call started"].ParentSpanId, heard["call started"].StartTimeUtc), (call.SpanId, call.StartTimeUtc));
    }

    [Fact]
    public async Task A_call_that_failed_is_an_error_with_its_status()
    {
        var phone = new Phone("traced-3");
        using var heard = new SpanCollector(phone.CallId);
        await using var host = await TrackerHost.StartAsync();
        await host.TakeAsync(phone.Invite(), phone.Reply(486, 1));

        var call = heard["call"];
        Assert.Equal((ActivityStatusCode.Error, "failed 486"), (call.Status, call.StatusDescription));
        Assert.Equal(("failed", 486L), (call.GetTagItem("callmirror.end_reason"), call.GetTagItem("callmirror.sip_status")));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Who_called_whom_is_told_only_where_that_is_asked_for(bool asked)
    {
        var phone = new Phone($"traced-4-{asked}");
        using var heard = new SpanCollector(phone.CallId);
        await using var host = await TrackerHost.StartAsync(also: services => services.Configure<TracingOptions>(options => options.IncludeParties = asked));
        await host.TakeAsync(phone.Invite(), phone.Reply(404, 1));

        foreach (var span in heard.Spans)
        {
            Assert.Equal(asked ? "sip:alice@pbx" : null, span.GetTagItem("callmirror.from"));
            Assert.Equal(asked ? "sip:bob@pbx" : null, span.GetTagItem("callmirror.to"));
            Assert.Equal(asked, span.TagObjects.Any(tag => tag.Value is string text && text.Contains("alice", StringComparison.Ordinal)));
        }
    }

    [Fact]
    public async Task Every_event_of_a_call_carries_its_context_in_the_header()
    {
        var phone = new Phone("traced-5");
        await using var host = await TrackerHost.StartAsync(also: services => services
            .AddSingleton<Headers>().AddControlEndpoint(new ControlEndpoint("test.headers", [typeof(HeaderEar)], Temporary: true)));
        await host.TakeAsync([.. phone.Up(), phone.Caller("BYE", 2)]);

        var headers = host.Services.GetRequiredService<Headers>().Channel.Reader;
        string expected = CallTrace.Of(phone.CallId, Phone.Epoch.AddSeconds(0.01)).TraceParent;
        foreach (string message in (string[])["CallStarted", "MediaNegotiated", "CallAnswered", "MediaNegotiated", "CallEnded"])
            Assert.Equal((message, expected), await headers.ReadAsync(TestContext.Current.CancellationToken));
    }

    private sealed class Headers
    {
        public Channel<(string Message, string? TraceParent)> Channel { get; } = System.Threading.Channels.Channel.CreateUnbounded<(string, string?)>();
    }

    private sealed class HeaderEar(Headers headers) : IConsumer<CallStarted>, IConsumer<MediaNegotiated>, IConsumer<CallAnswered>, IConsumer<CallEnded>
    {
        public Task Consume(ConsumeContext<CallStarted> context) => Hear(context);

        public Task Consume(ConsumeContext<MediaNegotiated> context) => Hear(context);

        public Task Consume(ConsumeContext<CallAnswered> context) => Hear(context);

        public Task Consume(ConsumeContext<CallEnded> context) => Hear(context);

        private Task Hear<T>(ConsumeContext<T> context)
            where T : class =>
            headers.Channel.Writer.WriteAsync((typeof(T).Name, context.Headers.Get<string>(TraceHeader.Name))).AsTask();
    }
}
