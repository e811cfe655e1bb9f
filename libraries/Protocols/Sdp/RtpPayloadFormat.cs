using System.Globalization;

namespace CallMirror.Protocols.Sdp;

/// <summary>What one RTP payload type means in one media description (RFC 8866 §6.6).</summary>
/// <param name="PayloadType">0 to 127.</param>
/// <param name="EncodingName">As written; compare without case. Empty for a dynamic type that no a=rtpmap explains.</param>
/// <param name="ClockRate">RTP timestamp units a second: 8000 for G722 (RFC 3551 §4.5.2); 0 where the name is empty.</param>
/// <param name="Channels">1 where none are given; 0 where the name is empty.</param>
public sealed record RtpPayloadFormat(int PayloadType, string EncodingName, int ClockRate, int Channels)
{
    /// <summary>The highest payload type that seven bits hold.</summary>
    public const int MaxPayloadType = 127;

    /// <summary>The a=fmtp parameters as written (RFC 8866 §6.15), or null.</summary>
    public string? Fmtp { get; init; }

    /// <summary>The format of a static payload type (RFC 3551 §6); an empty name for all others.</summary>
    public static RtpPayloadFormat Static(int payloadType) => payloadType switch
    {
        0 => new(0, "PCMU", 8000, 1),
        3 => new(3, "GSM", 8000, 1),
        4 => new(4, "G723", 8000, 1),
        5 => new(5, "DVI4", 8000, 1),
        6 => new(6, "DVI4", 16000, 1),
        7 => new(7, "LPC", 8000, 1),
        8 => new(8, "PCMA", 8000, 1),
        9 => new(9, "G722", 8000, 1),
        10 => new(10, "L16", 44100, 2),
        11 => new(11, "L16", 44100, 1),
        12 => new(12, "QCELP", 8000, 1),
        13 => new(13, "CN", 8000, 1),
        14 => new(14, "MPA", 90000, 1),
        15 => new(15, "G728", 8000, 1),
        16 => new(16, "DVI4", 11025, 1),
        17 => new(17, "DVI4", 22050, 1),
        18 => new(18, "G729", 8000, 1),
        25 => new(25, "CelB", 90000, 1),
        26 => new(26, "JPEG", 90000, 1),
        28 => new(28, "nv", 90000, 1),
        31 => new(31, "H261", 90000, 1),
        32 => new(32, "MPV", 90000, 1),
        33 => new(33, "MP2T", 90000, 1),
        34 => new(34, "H263", 90000, 1),
        _ => new(payloadType, "", 0, 0),
    };

    /// <summary>Reads an a=rtpmap value such as <c>96 opus/48000/2</c>; a missing clock rate is the static one, else 8000.</summary>
    internal static bool TryParse(ReadOnlySpan<char> rtpmap, out RtpPayloadFormat format)
    {
        format = Static(-1);
        if (!TryTakePayloadType(ref rtpmap, out int payloadType)) return false;

        ReadOnlySpan<char> name = SdpText.TakeUntil(ref rtpmap, '/');
        ReadOnlySpan<char> clock = SdpText.TakeUntil(ref rtpmap, '/');
        int missing = Static(payloadType) is { ClockRate: > 0 } known ? known.ClockRate : 8000;
        if (!TryParsePositive(clock, missing, out int clockRate) || !TryParsePositive(rtpmap.Trim(), 1, out int channels)) return false;

        format = new RtpPayloadFormat(payloadType, name.ToString(), clockRate, channels);
        return name.Length > 0;
    }

    /// <summary>Takes the payload type off the front of an a=rtpmap or a=fmtp value.</summary>
    internal static bool TryTakePayloadType(scoped ref ReadOnlySpan<char> value, out int payloadType) =>
        TryParsePayloadType(SdpText.TakeWord(ref value), out payloadType);

    internal static bool TryParsePayloadType(ReadOnlySpan<char> word, out int payloadType) =>
        int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out payloadType) && payloadType <= MaxPayloadType;

    private static bool TryParsePositive(ReadOnlySpan<char> text, int missing, out int number)
    {
        number = missing;
        return text.IsEmpty || (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number > 0);
    }
}
