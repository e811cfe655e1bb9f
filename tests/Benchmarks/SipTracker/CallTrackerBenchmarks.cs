using System.Text;
using BenchmarkDotNet.Attributes;
using CallMirror.Contracts.Sip;
using CallMirror.SipTracker;
using CallMirror.SipTracker.Calls;

namespace CallMirror.Benchmarks.SipTracker;

/// <summary>SIP messages a second on one core: calls of ten messages each, as a bridge makes them, 100 up at a time. Time and bytes are per message.</summary>
[MemoryDiagnoser]
public class CallTrackerBenchmarks
{
    private const int Calls = 5_000;
    private const int MessagesPerCall = 10;

    private static readonly DateTimeOffset Epoch = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private SipMessageCaptured[] _messages = [];

    [GlobalSetup]
    public void Write() => _messages = [.. Messages(Calls, "call").OrderBy(message => message.CapturedAt)];

    [Benchmark(OperationsPerInvoke = Calls * MessagesPerCall)]
    public int Handle()
    {
        var tracker = new CallTracker(new SipTrackerOptions());
        int events = 0;
        foreach (var message in _messages)
            events += tracker.Handle(message).Count;
        return events;
    }

    /// <summary>The messages of calls, one call after the other.</summary>
    internal static IEnumerable<SipMessageCaptured> Messages(int calls, string prefix) =>
        Enumerable.Range(0, calls).SelectMany(call => CallMessages(call, prefix));

    private static IEnumerable<SipMessageCaptured> CallMessages(int call, string prefix)
    {
        (string Start, string CSeq, string? ToTag, bool HasSdp)[] script =
        [
            ("INVITE sip:bob@192.168.137.100:5080;transport=udp SIP/2.0", "1 INVITE", null, true),
            ("SIP/2.0 100 Trying", "1 INVITE", null, false),
            ("SIP/2.0 183 Session Progress", "1 INVITE", "b", true),
            ("SIP/2.0 200 OK", "1 INVITE", "b", true),
            ("ACK sip:bob@192.168.137.100:5080;transport=udp SIP/2.0", "1 ACK", "b", false),
            ("INVITE sip:bob@192.168.137.100:5080;transport=udp SIP/2.0", "2 INVITE", "b", true),
            ("SIP/2.0 200 OK", "2 INVITE", "b", true),
            ("ACK sip:bob@192.168.137.100:5080;transport=udp SIP/2.0", "2 ACK", "b", false),
            ("BYE sip:bob@192.168.137.100:5080;transport=udp SIP/2.0", "3 BYE", "b", false),
            ("SIP/2.0 200 OK", "3 BYE", "b", false),
        ];
        for (int i = 0; i < script.Length; i++)
            yield return Message(call, $"{prefix}-{call}", i, script[i].Start, script[i].CSeq, script[i].ToTag, script[i].HasSdp);
    }

    private static SipMessageCaptured Message(int call, string callId, int index, string start, string cseq, string? toTag, bool hasSdp)
    {
        string sdp = hasSdp
            ? "v=0\r\no=FreeSWITCH 1795318000 1795318001 IN IP4 192.168.137.100\r\ns=FreeSWITCH\r\nc=IN IP4 192.168.137.100\r\nt=0 0\r\nm=audio 24460 RTP/AVP 8 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=ptime:20\r\n"
            : "";
        string text = $"{start}\r\nVia: SIP/2.0/UDP 192.168.137.10:5060;branch=z9hG4bK{cseq.Replace(' ', '-')};rport\r\nContact: <sip:1000-0x5586e6fe0d10@192.168.137.10:5060>\r\n"
            + $"Max-Forwards: 70\r\nTo: <sip:825062@192.168.137.100:5080;transport=udp>{(toTag is null ? "" : ";tag=" + toTag)}\r\nFrom: \"alice\" <sip:1000@192.168.137.100>;tag=412cf6e6ffa1f73d\r\n"
            + $"Call-ID: {callId}\r\nCSeq: {cseq}\r\nUser-Agent: baresip v1.0.0 (x86_64/linux)\r\nAllow: INVITE,ACK,BYE,CANCEL,OPTIONS,NOTIFY,SUBSCRIBE,INFO,MESSAGE,REFER\r\nSupported: gruu\r\n"
            + $"{(hasSdp ? "Content-Type: application/sdp\r\n" : "")}Content-Length: {sdp.Length}\r\n\r\n{sdp}";
        return new SipMessageCaptured
        {
            CaptureId = "benchmark",
            Sequence = call * MessagesPerCall + index + 1,
            CallId = callId,
            AnswerRequested = true,
            CapturedAt = Epoch.AddMilliseconds(call * 10 + index * 100),
            Source = "192.168.137.10:5060",
            Destination = "192.168.137.100:5080",
            Transport = "udp",
            Payload = Encoding.ASCII.GetBytes(text),
        };
    }
}
