using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace CallMirror.Protocols.Sdp;

/// <summary>An m= line (RFC 8866 §5.14).</summary>
internal static class SdpMediaLine
{
    //  media port["/" count] proto fmt ...
    internal static bool TryParse(ReadOnlySpan<char> value, [NotNullWhen(true)] out MediaDescription? line)
    {
        line = null;
        ReadOnlySpan<char> media = SdpText.TakeWord(ref value);
        ReadOnlySpan<char> count = SdpText.TakeWord(ref value);
        ReadOnlySpan<char> port = SdpText.TakeUntil(ref count, '/');
        ReadOnlySpan<char> protocol = SdpText.TakeWord(ref value);
        if (protocol.IsEmpty || !ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out ushort number)) return false;

        line = new MediaDescription
        {
            Media = media.ToString(),
            Port = number,
            PortCount = ushort.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out ushort pairs) && pairs > 0 ? pairs : 1,
            Protocol = protocol.ToString(),
            IsEncrypted = protocol.Contains("SAVP", StringComparison.OrdinalIgnoreCase),
            Formats = IsRtp(protocol) ? ReadFormats(value) : [],
        };
        return true;
    }

    private static bool IsRtp(ReadOnlySpan<char> protocol) => protocol.Contains("RTP/", StringComparison.OrdinalIgnoreCase);

    private static List<RtpPayloadFormat> ReadFormats(ReadOnlySpan<char> value)
    {
        var formats = new List<RtpPayloadFormat>();
        while (!value.IsEmpty)
        {
            if (!RtpPayloadFormat.TryTakePayloadType(ref value, out int payloadType)) continue;
            if (formats.TrueForAll(format => format.PayloadType != payloadType)) formats.Add(RtpPayloadFormat.Static(payloadType));
        }

        return formats;
    }
}
