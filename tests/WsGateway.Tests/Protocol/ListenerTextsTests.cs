using System.Text;
using System.Text.Json.Nodes;
using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Media;
using CallMirror.TestKit.Contract;
using CallMirror.WsGateway.Protocol;

namespace CallMirror.WsGateway.Tests.Protocol;

/// <summary>What the gateway writes to a listener is what the contract says, example by example.</summary>
public sealed class ListenerTextsTests
{
    private static readonly DateTimeOffset StartedAt = new DateTimeOffset(2026, 3, 1, 10, 20, 30, TimeSpan.Zero);

    private static readonly StreamIdentity Callee = new()
    {
        CallId = "a@pbx",
        Role = 1,
        From = "sip:+493012345@pbx",
        To = "sip:2000@pbx",
        StartedAt = StartedAt.AddTicks(1_234_567),
        TraceParent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    };

    /// <summary>Every text that there is, by the name of its example.</summary>
    private static readonly Dictionary<string, ReadOnlyMemory<byte>> Texts = new()
    {
        ["start.json"] = ListenerTexts.Start(Callee, Callee.Tag, 16000, 320, resumes: false),
        ["start.resumed.json"] = ListenerTexts.Start(Callee, "a@pbx-1.48000", 16000, 48000, resumes: true, keptFrom: 320),
        ["start.bare.json"] = ListenerTexts.Start(Callee with { Role = 0, From = null, To = null, StartedAt = StartedAt }, "a@pbx-0", 8000, 320, resumes: false),
        ["continue.json"] = ListenerTexts.Continue(16000),
        ["dtmf.json"] = Event(MarkKind.Dtmf, code: 11),
        ["dtmf.flash.json"] = Event(MarkKind.Dtmf, code: 16),
        ["hold.json"] = Event(MarkKind.Hold, code: 0),
        ["resume.json"] = Event(MarkKind.Resume, code: 1),
        ["gap.json"] = Event(MarkKind.Gap, value: 3200),
        ["renamed.json"] = ListenerTexts.Renamed(
            Callee with { CallId = "rtp-192.0.2.1-4000-192.0.2.2-5000-1772360430123" }, new CallName("a@pbx", Callee.From, Callee.To), 48000),
        ["end.json"] = ListenerTexts.End(Callee, Callee.Tag, 48000, EndReason.EndOfCapture),
    };

    public static TheoryData<string> Examples => [.. Texts.Keys];

    [Theory, MemberData(nameof(Examples))]
    public void A_text_is_its_example_in_the_contract_and_what_its_schema_says(string example)
    {
        string text = Encoding.UTF8.GetString(Texts[example].Span);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(ContractFile.Example("websocket/" + example)), JsonNode.Parse(text)), text);
        Assert.Empty(ContractFile.Faults(TypeOf(text), text));
    }

    [Fact]
    public void Every_example_of_the_contract_is_written_here_but_the_one_that_the_listener_sends() => Assert.Equal(
        Texts.Keys.Append("ack.json").Select(name => "websocket/" + name).Order(StringComparer.Ordinal),
        ContractFile.ExampleFiles.Where(name => name.StartsWith("websocket/", StringComparison.Ordinal)));

    [Fact]
    public void What_is_written_always_is_required_by_the_schema_and_what_is_written_ever_is_in_it()
    {
        foreach (var written in Texts.Values.Select(text => JsonNode.Parse(text.Span)!.AsObject()).GroupBy(text => (string)text["type"]!))
        {
            var schema = ContractFile.PayloadOf(written.Key);
            var own = schema["properties"]!.AsObject().Where(property => property.Value!["x-accepted-only"] is null).Select(property => property.Key);
            var fields = written.Select(text => text.Select(field => field.Key)).ToList();
            Assert.Equal(own.Order(StringComparer.Ordinal), fields.SelectMany(names => names).Distinct().Order(StringComparer.Ordinal));
            Assert.Equal(schema["required"]!.AsArray().Select(name => (string)name!).Order(StringComparer.Ordinal), fields.Aggregate((all, names) => all.Intersect(names)).Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public void Any_reason_and_any_digit_is_within_the_schema()
    {
        foreach (var reason in Enum.GetValues<EndReason>())
            Assert.Empty(ContractFile.Faults("end", Encoding.UTF8.GetString(ListenerTexts.End(Callee, Callee.Tag, 0, reason).Span)));
        for (int code = 0; code <= byte.MaxValue; code++)
            Assert.Empty(ContractFile.Faults("dtmf", Encoding.UTF8.GetString(Event(MarkKind.Dtmf, code: (byte)code).Span)));
    }

    [Fact]
    public void The_acknowledgement_of_the_contract_is_understood()
    {
        Assert.True(ListenerAck.TryParse(Encoding.UTF8.GetBytes(ContractFile.Example("websocket/ack.json")), out long position, out _));
        Assert.Equal(16000, position);
    }

    private static ReadOnlyMemory<byte> Event(MarkKind kind, byte code = 0, uint value = 0)
    {
        Assert.True(ListenerTexts.TryEvent(new MediaMark { Position = 24000, Kind = kind, Code = code, Value = value }, out var text));
        return text;
    }

    private static string TypeOf(string text) => (string)JsonNode.Parse(text)!["type"]!;
}
