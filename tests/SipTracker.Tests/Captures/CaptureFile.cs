using System.Text.Json;
using CallMirror.Contracts;
using CallMirror.Contracts.Sip;
using CallMirror.Protocols.Packets;
using CallMirror.Protocols.Sip;
using CallMirror.TestKit;

namespace CallMirror.SipTracker.Tests.Captures;

/// <summary>The SIP messages of a real capture, and what its scenario says happened.</summary>
internal static class CaptureFile
{
    public static IEnumerable<SipMessageCaptured> Messages(string name)
    {
        long sequence = 0;
        foreach (var (timestamp, link, frame) in PcapReader.Read(TestData.Path($"captures/{name}/mirror.pcap")))
            if (TryRead(link, frame, timestamp, sequence + 1) is { } message)
            {
                sequence++;
                yield return message;
            }
    }

    /// <summary>FreeSWITCH's call records, by Call-ID.</summary>
    public static IReadOnlyDictionary<string, JsonElement> Legs(string name)
    {
        using var scenario = JsonDocument.Parse(File.ReadAllText(TestData.Path($"captures/{name}/scenario.json")));
        return scenario.RootElement.GetProperty("freeswitch_legs").EnumerateArray()
            .ToDictionary(leg => leg.GetProperty("sip_call_id").GetString()!, leg => leg.Clone());
    }

    private static SipMessageCaptured? TryRead(LinkType link, byte[] frame, long timestamp, long sequence)
    {
        if (!FrameDissector.TryDissect(link, frame, out var datagram, out _) || datagram.Transport != Transport.Udp || !SipRecognizer.LooksLikeSip(datagram.Payload))
            return null;
        byte[] payload = datagram.Payload.ToArray();
        return new SipMessageCaptured
        {
            CaptureId = "test",
            Sequence = sequence,
            CallId = SipMessage.TryParse(payload, out var sip, out _) ? sip.CallId : "",
            CapturedAt = CaptureTime.ToDateTime(timestamp),
            Source = datagram.Source.ToString(),
            Destination = datagram.Destination.ToString(),
            Transport = "udp",
            Payload = payload,
        };
    }
}
