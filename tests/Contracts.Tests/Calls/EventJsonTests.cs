using System.Text.Json;
using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Sip;

namespace CallMirror.Contracts.Tests.Calls;

/// <summary>All control messages as JSON, property names as the control plane writes them.</summary>
public sealed class EventJsonTests
{
    private static readonly DateTimeOffset At = new DateTimeOffset(2026, 3, 1, 10, 20, 30, TimeSpan.Zero).AddTicks(1_234_567);

    public static TheoryData<string> Names => [.. All.Keys];

    private static Dictionary<string, (object Message, string Json)> All { get; } = new (object Message, string Json)[]
    {
        (new CallStarted { CallId = "c", CorrelationId = "x", At = At, From = "sip:1@a", To = "sip:2@b", Source = "192.0.2.1:5060", Destination = "[2001:db8::1]:5060" },
            """{"from":"sip:1@a","to":"sip:2@b","source":"192.0.2.1:5060","destination":"[2001:db8::1]:5060","callId":"c","correlationId":"x","at":"2026-03-01T10:20:30.1234567+00:00"}"""),
        (new CallAnswered { CallId = "c", At = At },
            """{"callId":"c","correlationId":null,"at":"2026-03-01T10:20:30.1234567+00:00"}"""),
        (new CallHeld { CallId = "c", At = At, By = 1 },
            """{"by":1,"callId":"c","correlationId":null,"at":"2026-03-01T10:20:30.1234567+00:00"}"""),
        (new CallResumed { CallId = "c", At = At, By = 0 },
            """{"by":0,"callId":"c","correlationId":null,"at":"2026-03-01T10:20:30.1234567+00:00"}"""),
        (new CallEnded { CallId = "c", At = At, Reason = EndReason.Failed, StatusCode = 486 },
            """{"reason":"failed","statusCode":486,"by":null,"callId":"c","correlationId":null,"at":"2026-03-01T10:20:30.1234567+00:00"}"""),
        (new MediaNegotiated { CallId = "c", At = At, Version = 2, StartedAt = At, Streams = [Stream] },
            """{"version":2,"startedAt":"2026-03-01T10:20:30.1234567+00:00","from":null,"to":null,"streams":[{"role":1,"sender":"192.0.2.1:4000","receiver":null,"formats":[{"payloadType":8,"encoding":"PCMA","clockRate":8000}],"encrypted":false}],"isFound":false,"callId":"c","correlationId":null,"at":"2026-03-01T10:20:30.1234567+00:00"}"""),
        (new StreamQuality { CallId = "c", At = At, Role = 0, Packets = 1, Samples = 160, Lost = 2, Duplicates = 3, Late = 4, Reordered = 5, JitterMilliseconds = 0.5, Stretches = 6 },
            """{"role":0,"packets":1,"samples":160,"lost":2,"duplicates":3,"late":4,"reordered":5,"jitterMilliseconds":0.5,"stretches":6,"callId":"c","correlationId":null,"at":"2026-03-01T10:20:30.1234567+00:00"}"""),
        (new SipMessageCaptured { CaptureId = "k", Sequence = 1, CallId = "c", CapturedAt = At, Source = "a:1", Destination = "b:2", Transport = "udp", Payload = [0, 255], AnswerRequested = true },
            """{"captureId":"k","sequence":1,"callId":"c","capturedAt":"2026-03-01T10:20:30.1234567+00:00","source":"a:1","destination":"b:2","transport":"udp","payload":"AP8=","answerRequested":true}"""),
        (new MediaFound { CaptureId = "k", Sequence = 2, CallId = "rtp-c", CapturedAt = At, StartedAt = At, Source = "192.0.2.1:4000", Destination = "192.0.2.2:5000", PayloadType = 8, AnswerRequested = true },
            """{"captureId":"k","sequence":2,"callId":"rtp-c","capturedAt":"2026-03-01T10:20:30.1234567+00:00","startedAt":"2026-03-01T10:20:30.1234567+00:00","source":"192.0.2.1:4000","destination":"192.0.2.2:5000","payloadType":8,"answerRequested":true}"""),
        (new SipMessageHandled { CaptureId = "k", Sequence = 1, CallId = "c" },
            """{"captureId":"k","sequence":1,"callId":"c"}"""),
    }.ToDictionary(pair => pair.Message.GetType().Name);

    private static NegotiatedStream Stream => new()
    {
        Role = 1,
        Sender = "192.0.2.1:4000",
        Formats = [new PayloadFormat { PayloadType = 8, Encoding = "PCMA", ClockRate = 8000 }],
    };

    [Theory, MemberData(nameof(Names))]
    public void An_event_is_the_json_of_the_contract_and_comes_back_from_it(string name)
    {
        var (message, json) = All[name];
        Assert.Equal(json, JsonSerializer.Serialize(message, message.GetType(), JsonSerializerOptions.Web).Replace("\\u002B", "+", StringComparison.Ordinal));
        object? back = JsonSerializer.Deserialize(json, message.GetType(), JsonSerializerOptions.Web);
        Assert.Equal(json, JsonSerializer.Serialize(back, message.GetType(), JsonSerializerOptions.Web).Replace("\\u002B", "+", StringComparison.Ordinal));
    }

    [Theory, MemberData(nameof(Names))]
    public void An_event_without_what_it_must_say_is_refused(string name) =>
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize("{}", All[name].Message.GetType(), JsonSerializerOptions.Web));

    [Theory, MemberData(nameof(Names))]
    public void What_a_later_version_adds_is_ignored(string name)
    {
        var (message, json) = All[name];
        Assert.NotNull(JsonSerializer.Deserialize(json.Insert(1, "\"later\":[{}],"), message.GetType(), JsonSerializerOptions.Web));
    }

    [Fact]
    public void Every_event_of_the_contract_is_in_this_test()
    {
        var messages = typeof(CallEvent).Assembly.GetExportedTypes()
            .Where(type => !type.IsAbstract && (type.IsSubclassOf(typeof(CallEvent)) || type.Namespace == typeof(SipMessageCaptured).Namespace));
        Assert.Equal(messages.Select(type => type.Name).Order(), All.Keys.Order());
    }
}
