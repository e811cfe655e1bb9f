using CallMirror.Contracts.Calls;
using CallMirror.SipTracker.Calls;

namespace CallMirror.SipTracker.Tests.Captures;

/// <summary>Calls of a real FreeSWITCH, against its own call records.</summary>
public class RealCallTests
{
    public static TheoryData<string> All =>
    [
        "busy", "cancel", "notfound-404", "auth-wrong-password", "options-ping", "early-media-fail", "register-call", "hold-resume",
        "hold-inactive-c0", "fork", "reneg-codec", "nat-client-wire", "port-reuse", "transfer-blind",
    ];

    [Theory]
    [MemberData(nameof(All))]
    public void Every_leg_of_FreeSWITCH_is_one_call_that_starts_and_ends_once(string name)
    {
        var events = Track(name);

        foreach (var (callId, _) in CaptureFile.Legs(name))
        {
            Assert.Single(Of<CallStarted>(events, callId));
            Assert.Single(Of<CallEnded>(events, callId));
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Nothing_but_the_legs_of_FreeSWITCH_is_a_call(string name)
    {
        if (name == "auth-wrong-password")
            return;
        var callIds = Track(name).OfType<CallStarted>().Select(started => started.CallId);

        Assert.Equal(CaptureFile.Legs(name).Keys.Order(), callIds.Order());
    }

    [Theory]
    [MemberData(nameof(All))]
    public void The_end_is_the_one_that_FreeSWITCH_recorded(string name)
    {
        var events = Track(name);

        foreach (var (callId, leg) in CaptureFile.Legs(name))
        {
            var ended = Assert.Single(Of<CallEnded>(events, callId));
            var expected = leg.GetProperty("hangup_cause").GetString() switch
            {
                "NORMAL_CLEARING" => (EndReason.Bye, (int?)null),
                "USER_BUSY" => (EndReason.Failed, 486),
                "NO_ROUTE_DESTINATION" => (EndReason.Failed, 404),
                "ORIGINATOR_CANCEL" or "LOSE_RACE" => (EndReason.Cancelled, 487),
                var other => throw new InvalidDataException(other),
            };
            Assert.Equal(expected, (ended.Reason, ended.StatusCode));
            // After the blind transfer both sides send BYE; FreeSWITCH records its own, the phone's was first on the wire.
            if (name == "transfer-blind" && leg.GetProperty("direction").GetString() == "outbound")
                Assert.Equal(1, ended.By);
            else
                Assert.Equal(ExpectedBy(leg.GetProperty("direction").GetString(), leg.GetProperty("sip_hangup_disposition").GetString()), ended.By);
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Answered_calls_are_those_that_FreeSWITCH_saw_answered(string name)
    {
        var events = Track(name);

        foreach (var (callId, leg) in CaptureFile.Legs(name))
            Assert.Equal(leg.GetProperty("answer").ValueKind == System.Text.Json.JsonValueKind.Null ? 0 : 1, Of<CallAnswered>(events, callId).Count());
    }

    [Theory]
    [MemberData(nameof(All))]
    public void The_media_addresses_are_those_of_FreeSWITCH(string name)
    {
        var events = Track(name);

        foreach (var (callId, leg) in CaptureFile.Legs(name))
        {
            if (!leg.TryGetProperty("remote_media_ip", out _))
                continue;
            var media = Of<MediaNegotiated>(events, callId).First(media => media.Streams.All(stream => stream is { Sender: not null, Receiver: not null }));
            string local = $"{leg.GetProperty("local_media_ip").GetString()}:{leg.GetProperty("local_media_port").GetString()}";
            bool isInbound = leg.GetProperty("direction").GetString() == "inbound";
            var toFreeSwitch = media.Streams[isInbound ? 0 : 1];
            var fromFreeSwitch = media.Streams[isInbound ? 1 : 0];
            Assert.Equal(local, toFreeSwitch.Receiver);
            Assert.Equal(local, fromFreeSwitch.Sender);
            Assert.Contains(toFreeSwitch.Formats, format => format is { PayloadType: 8, Encoding: "PCMA", ClockRate: 8000 });
        }
    }

    private static int? ExpectedBy(string? direction, string? disposition) => (direction, disposition) switch
    {
        ("inbound", "recv_bye") or ("outbound", "send_bye") => 0,
        ("inbound", "send_bye") or ("outbound", "recv_bye") => 1,
        (_, "recv_cancel" or "send_cancel") => 0,
        _ => null,
    };

    private static List<CallEvent> Track(string name)
    {
        var tracker = new CallTracker();
        return [.. CaptureFile.Messages(name).SelectMany(tracker.Handle).Cast<CallEvent>()];
    }

    private static IEnumerable<T> Of<T>(IEnumerable<CallEvent> events, string callId) where T : CallEvent =>
        events.OfType<T>().Where(e => e.CallId == callId);
}
