using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CallMirror.Contracts.Media;
using CallMirror.TestKit.Contract;
using CallMirror.WsGateway.Joining;
using CallMirror.WsGateway.Protocol;

namespace CallMirror.WsGateway.Tests.Joining;

/// <summary>The door to running calls is what the contract says.</summary>
public sealed class ContractTests
{
    private static readonly DateTimeOffset StartedAt = new DateTimeOffset(2026, 3, 1, 10, 20, 30, TimeSpan.Zero).AddTicks(1_234_560);

    private static readonly StreamIdentity Both = new()
    {
        CallId = "a@pbx",
        Role = StreamIdentity.Stereo,
        From = "sip:+493012345@pbx",
        To = "sip:2000@pbx",
        StartedAt = StartedAt,
        TraceParent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    };

    /// <summary>All that differs from the push, by the name of its message.</summary>
    private static readonly Dictionary<string, string> Texts = new()
    {
        ["stereoStart"] = Encoding.UTF8.GetString(ListenerTexts.Start(Both, Both.Tag, 16000, 320, resumes: false).Span),
        ["stereoDtmf"] = Event(new MediaMark { Position = 24000, Kind = MarkKind.Dtmf, Code = 11 }, role: 1),
        ["stereoGap"] = Event(new MediaMark { Position = 24000, Kind = MarkKind.Gap, Value = 3200 }, role: 0),
        ["callList"] = JsonSerializer.Serialize(new CallList([Listed]), JoinJson.Default.CallList),
    };

    public static TheoryData<string> Names => [.. Texts.Keys];

    private static ListedCall Listed => new()
    {
        CallId = "a@pbx",
        SipCallId = null,
        CorrelationId = null,
        State = "answered",
        From = "sip:1000@pbx",
        To = "sip:2000@pbx",
        StartedAt = StartedAt.UtcDateTime,
        AnsweredAt = new DateTime(2026, 3, 1, 10, 20, 34, DateTimeKind.Utc),
        Listeners = 1,
        Streams = [.. Enumerable.Range(0, 2).Select(role => new ListedStream
        {
            Role = role,
            Direction = StreamIdentity.RoleName(role),
            Codecs = ["PCMA"],
            Encrypted = false,
            Path = JoinTarget.PathOf("a@pbx", role),
        })],
        StereoPath = JoinTarget.PathOf("a@pbx", StreamIdentity.Stereo),
    };

    [Theory, MemberData(nameof(Names))]
    public void A_text_is_its_example_in_the_contract_and_what_its_schema_says(string name)
    {
        string example = ContractFile.Example(Assert.Single(ContractFile.ExamplesOf(name)));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(example), JsonNode.Parse(Texts[name])), Texts[name]);
        Assert.Empty(ContractFile.Faults(name, Texts[name]));
    }

    [Theory, MemberData(nameof(Names))]
    public void A_text_has_the_fields_of_its_schema_and_no_other(string name) => Assert.Equal(
        ContractFile.PayloadOf(name)["properties"]!.AsObject().Select(property => property.Key).Order(),
        JsonNode.Parse(Texts[name])!.AsObject().Select(field => field.Key).Order());

    [Fact]
    public void A_gap_of_both_roles_names_none() =>
        Assert.Empty(ContractFile.Faults("stereoGap", Event(new MediaMark { Position = 24000, Kind = MarkKind.Gap, Value = 3200 }, role: null)));

    [Fact]
    public void It_is_at_the_addresses_of_the_contract()
    {
        var channels = ContractFile.Document["channels"]!;
        Assert.Equal(JoinTarget.CallsPath, (string?)channels["calls"]!["address"]);
        Assert.Equal(JoinTarget.CallsPath + "/{callId}/{role}", (string?)channels["joined"]!["address"]);
        var roles = channels["joined"]!["parameters"]!["role"]!["enum"]!.AsArray().Select(role => (string)role!);
        Assert.Equal(Enumerable.Range(0, 3).Select(role => JoinTarget.PathOf("a", role).Split('/')[^1]), roles);
        Assert.Equal($"127.0.0.1:{ListenOptions.DefaultPort}", (string?)ContractFile.Document["servers"]!["gateway"]!["host"]);
    }

    private static string Event(MediaMark mark, int? role)
    {
        Assert.True(ListenerTexts.TryEvent(mark, out var text, role));
        return Encoding.UTF8.GetString(text.Span);
    }
}
