using CallMirror.Contracts.Calls;

namespace CallMirror.AllInOne.Reporting;

/// <summary>
/// Why a call, or a whole capture, has no audio: a fixed word for programs, a sentence for people. docs/files.md has the words.
/// </summary>
internal sealed record Why(string Word, string Sentence)
{
    public const string NoPackets = "no-packets";
    public const string CutShort = "cut-short";
    public const string LinkLayer = "link-type";
    public const string NoSip = "no-sip";
    public const string NoCall = "no-call";
    public const string Encrypted = "encrypted";
    public const string Red = "red";
    public const string Codec = "codec";
    public const string NoG711 = "no-g711";
    public const string NoRtp = "no-rtp";
    public const string NoMedia = "no-media";

    private const string ReadLinks = "Ethernet, Linux cooked, loopback and raw IP";
    private const string RedEncoding = "RED";
    private static readonly string[] Decoded = ["PCMA", "PCMU"];

    // RFC 3551 §6, as far as telephony has them.
    private static readonly Dictionary<int, string> StaticTypes = new()
    {
        [0] = "PCMU", [3] = "GSM", [4] = "G723", [8] = "PCMA", [9] = "G722", [18] = "G729",
    };

    /// <summary>Why a call has no audio; null where it has.</summary>
    public static Why? Of(CallEntry call, CaptureSeen seen)
    {
        if (call.HasAudio)
            return null;
        if (call.IsEncrypted)
            return new Why(Encrypted, "its media is encrypted (SRTP), and who only listens does not have the key");
        long packets = call.RtpPackets;
        if (packets > 0)
            return OfPackets(call, packets);
        if (seen.CutRtp > 0)
            return Cut(seen);
        return call.Codecs.Count == 0 ? new Why(NoMedia, "its two sides have agreed on no audio") : Unheard(call, seen);
    }

    /// <summary>Why a role of a call has no audio though its RTP came; null where it has, or nothing came.</summary>
    public static Why? Of(CallEntry call, StreamQuality? quality) =>
        quality is { Packets: > 0, Samples: 0 } ? OfPackets(call, quality.Packets) : null;

    /// <summary>Why a whole capture has no audio; null where one of its calls has.</summary>
    public static Why? Of(IReadOnlyList<CallEntry> calls, CaptureSeen seen)
    {
        if (calls.Any(call => call.HasAudio))
            return null;
        if (seen.Packets == 0)
            return new Why(NoPackets, "there are no packets in it");
        if (seen.CutRtp + seen.CutSip > 0)
            return Cut(seen);
        return calls.Count > 0 ? OfCalls(calls, seen) : WithoutCalls(seen);
    }

    private static Why Unheard(CallEntry call, CaptureSeen seen)
    {
        string rtp = seen.Rtp == 0
            ? "there is no RTP in the capture"
            : $"none of the {Counted(seen.Rtp, "RTP packet")} in the capture is between their addresses";
        return new Why(NoRtp, $"its two sides have agreed on {Names(call.Codecs)}, but {rtp}");
    }

    private static Why OfPackets(CallEntry call, long packets)
    {
        string[] others = [.. call.Codecs.Except(Decoded, StringComparer.OrdinalIgnoreCase)];
        if (others.Contains(RedEncoding, StringComparer.OrdinalIgnoreCase))
            return new Why(Red, $"{Counted(packets, "RTP packet")} of it are sent as red (RFC 2198), which is not read");
        return others.Length > 0
            ? new Why(Codec, $"{Counted(packets, "RTP packet")} of it are {Names(others)}, which is not decoded; {Names(Decoded)} are")
            : new Why(NoG711, $"{Counted(packets, "RTP packet")} of it hold no G.711: payload types that nobody agreed on, or no audio");
    }

    private static Why Cut(CaptureSeen seen) => new(
        CutShort,
        $"the snapshot length has cut {Counted(seen.CutRtp, "RTP packet")} and {Counted(seen.CutSip, "SIP message")} short; "
            + "capture whole packets, with tcpdump by -s 0");

    // The first word that fits any of them, and how many have which.
    private static Why OfCalls(IReadOnlyList<CallEntry> calls, CaptureSeen seen)
    {
        Why[] whys = [.. calls.Select(call => Of(call, seen)!)];
        var first = whys.OrderBy(why => Array.IndexOf([Encrypted, Red, Codec, NoG711, NoRtp, NoMedia], why.Word)).First();
        if (whys.Length == 1)
            return first;
        var counts = whys.CountBy(why => why.Word).Select(pair => $"{pair.Key} {pair.Value}");
        return first with { Sentence = $"none of its {whys.Length} calls has audio: {string.Join(", ", counts)}" };
    }

    private static Why WithoutCalls(CaptureSeen seen)
    {
        string rtp = Counted(seen.Rtp, "RTP packet") + Types(seen.PayloadTypes);
        if (seen.Sip > 0)
            return new Why(NoCall, $"{Counted(seen.Sip, "SIP message")} in it begin no call, beside {rtp}");
        if (seen is { Rtp: 0, UnreadLink: { } link })
            return new Why(LinkLayer, $"its frames are of link type {(int)link}, which is not read; {ReadLinks} are");
        string tls = seen.Tcp > 0 ? "; SIP over TLS can't be read" : "";
        return seen.Rtp == 0
            ? new Why(NoSip, $"there is neither SIP nor RTP among its {Counted(seen.Packets, "packet")}{tls}")
            : new Why(NoSip, $"there is no SIP, and {rtp} make no call: without SIP only G.711 that is steady for a second does");
    }

    private static string Types(IReadOnlyList<(int Type, long Count)> types) => types.Count == 0
        ? ""
        : $" ({string.Join(", ", types.OrderByDescending(pair => pair.Count).Select(pair => $"{pair.Count} of {TypeName(pair.Type)}"))})";

    private static string TypeName(int type) => StaticTypes.TryGetValue(type, out string? name) ? name : $"payload type {type}";

    private static string Names(IEnumerable<string> codecs) => string.Join(" and ", codecs);

    private static string Counted(long count, string thing) => count == 1 ? $"1 {thing}" : $"{count} {thing}s";
}
