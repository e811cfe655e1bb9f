using System.Globalization;
using System.Text;
using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Sip;

using CallMirror.SipTracker.Calls;
namespace CallMirror.SipTracker.Tests.Calls;

/// <summary>Writes the SIP of one call as a tap would see it; each message 10 ms after the one before.</summary>
internal sealed class Phone(string callId = "call-1", string callerTag = "a", string calleeTag = "b")
{
    public static readonly DateTimeOffset Epoch = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private long _sequence;

    public const string CallerSdp = "10.0.0.1 4000 RTP/AVP 8 0 101";
    public const string CalleeSdp = "10.0.0.2 5000 RTP/AVP 8 101";

    public DateTimeOffset Now { get; private set; } = Epoch;

    public string CallId { get; } = callId;

    public Phone After(double seconds)
    {
        Now = Now.AddSeconds(seconds);
        return this;
    }

    /// <summary>A request of the caller.</summary>
    public SipMessageCaptured Caller(string method, uint cseq, string? sdp = null, string? to = "", string headers = "", string? branch = null) =>
        Write($"{method} sip:bob@pbx SIP/2.0", callerTag, to?.Length == 0 ? calleeTag : to, cseq, method, sdp, headers, branch ?? $"z9hG4bK-a{cseq}{(method == "ACK" ? "-ack" : "")}");

    /// <summary>A request of the callee.</summary>
    public SipMessageCaptured Callee(string method, uint cseq, string? sdp = null, string headers = "", string? tag = null) =>
        Write($"{method} sip:alice@phone SIP/2.0", tag ?? calleeTag, callerTag, cseq, method, sdp, headers, $"z9hG4bK-b{cseq}", fromCallee: true);

    /// <summary>A response to the caller.</summary>
    public SipMessageCaptured Reply(int status, uint cseq, string? sdp = null, string method = "INVITE", string? tag = "", string headers = "", string? branch = null) =>
        Write($"SIP/2.0 {status} Whatever", callerTag, tag?.Length == 0 ? calleeTag : tag, cseq, method, sdp, headers, branch ?? $"z9hG4bK-a{cseq}", fromCallee: true);

    /// <summary>A response to a request of the callee.</summary>
    public SipMessageCaptured ReplyToCallee(int status, uint cseq, string? sdp = null, string method = "INVITE", string? tag = null) =>
        Write($"SIP/2.0 {status} Whatever", tag ?? calleeTag, callerTag, cseq, method, sdp, "", $"z9hG4bK-b{cseq}");

    public SipMessageCaptured Invite(string? sdp = CallerSdp, uint cseq = 1, string headers = "", string? branch = null) =>
        Caller("INVITE", cseq, sdp, to: null, headers, branch);

    public SipMessageCaptured Ack(uint cseq = 1, string? sdp = null) => Caller("ACK", cseq, sdp);

    /// <summary>A call that is up, with plain G.711.</summary>
    public IEnumerable<SipMessageCaptured> Up() => [Invite(), Reply(180, 1), Reply(200, 1, CalleeSdp), Ack()];

    /// <summary>Bytes as they are.</summary>
    public SipMessageCaptured Raw(byte[] payload) => new()
    {
        CaptureId = "test",
        Sequence = ++_sequence,
        CallId = CallId,
        CapturedAt = After(0.01).Now,
        Source = "10.0.0.1:5060",
        Destination = "10.0.0.2:5060",
        Transport = "udp",
        Payload = payload,
    };

    public SipMessageCaptured Raw(string text) => Raw(Encoding.UTF8.GetBytes(text.ReplaceLineEndings("\r\n")));

    /// <summary>A description in short: <c>address port protocol formats [attribute ...]</c>, further m-lines after <c>|</c>, or a whole one.</summary>
    public static string Sdp(string brief)
    {
        if (brief.StartsWith("v=0", StringComparison.Ordinal))
            return brief.ReplaceLineEndings("\r\n");
        var text = new StringBuilder("v=0\r\no=- 1 1 IN IP4 10.0.0.9\r\ns=-\r\nt=0 0\r\n");
        foreach (string line in brief.Split('|', StringSplitOptions.TrimEntries))
        {
            string[] words = line.Split(' ');
            string[] formats = [.. words.Skip(3).TakeWhile(word => char.IsAsciiDigit(word[0]))];
            text.Append(CultureInfo.InvariantCulture, $"m=audio {words[1]} {words[2]} {string.Join(' ', formats)}\r\nc=IN {(words[0].Contains(':', StringComparison.Ordinal) ? "IP6" : "IP4")} {words[0]}\r\n");
            if (formats.Contains("101"))
                text.Append("a=rtpmap:101 telephone-event/8000\r\n");
            foreach (string attribute in words.Skip(3 + formats.Length))
                text.Append(CultureInfo.InvariantCulture, $"a={attribute}\r\n");
        }

        return text.ToString();
    }

    private SipMessageCaptured Write(
        string start, string? fromTag, string? toTag, uint cseq, string method, string? sdp, string headers, string branch, bool fromCallee = false)
    {
        string body = sdp is null ? "" : Sdp(sdp);
        var text = new StringBuilder(start + "\r\n");
        text.Append(CultureInfo.InvariantCulture, $"Via: SIP/2.0/UDP 10.0.0.1:5060;branch={branch}\r\n");
        text.Append(CultureInfo.InvariantCulture, $"From: <sip:alice@pbx;transport=udp>{Tag(fromTag)}\r\nTo: <sip:bob@pbx>{Tag(toTag)}\r\n");
        text.Append(CultureInfo.InvariantCulture, $"Call-ID: {CallId}\r\nCSeq: {cseq} {method}\r\n{headers}");
        if (sdp is not null)
            text.Append("Content-Type: application/sdp\r\n");
        text.Append(CultureInfo.InvariantCulture, $"Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}");
        var message = Raw(Encoding.UTF8.GetBytes(text.ToString()));
        return fromCallee ? message with { Source = message.Destination, Destination = message.Source } : message;
    }

    private static string Tag(string? tag) => tag is null ? "" : $";tag={tag}";
}

/// <summary>A tracker with the events of all it was given.</summary>
internal sealed class Tracked(SipTrackerOptions? options = null)
{
    public CallTracker Tracker { get; } = new(options);

    public List<object> Events { get; } = [];

    public IReadOnlyList<object> Take(params IEnumerable<SipMessageCaptured> messages)
    {
        List<object> events = [.. messages.SelectMany(Tracker.Handle)];
        Events.AddRange(events);
        return events;
    }

    public IReadOnlyList<object> Tick(DateTimeOffset now)
    {
        var events = Tracker.Tick(now);
        Events.AddRange(events);
        return events;
    }

    /// <summary>What counts of media now.</summary>
    public MediaNegotiated Media => Events.OfType<MediaNegotiated>().Last();

    /// <summary>What was said of media, without what only offers.</summary>
    public IEnumerable<MediaNegotiated> Agreed => Events.OfType<MediaNegotiated>().Where(media => media.Streams.All(stream => stream is { Sender: not null, Receiver: not null }));

    /// <summary>Each stream as <c>role sender>receiver</c>, a dash where an end is not known.</summary>
    public string[] Streams => [.. Media.Streams.Select(stream => $"{stream.Role} {stream.Sender ?? "-"}>{stream.Receiver ?? "-"}")];

    public T Single<T>() => Events.OfType<T>().Single();

    public int Count<T>() => Events.OfType<T>().Count();
}
