using System.Buffers;
using System.Text;

namespace CallMirror.Protocols.Packets;

/// <summary>Recognises SIP by its start line, on any port (RFC 3261 §7.1, §7.2).</summary>
public static class SipRecognizer
{
    private const int MaxMethodLength = 64;

    /// <summary>RFC 3261 §25.1, <c>token</c>.</summary>
    private static readonly SearchValues<byte> TokenBytes =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-.!%*_+`'~"u8);

    /// <summary>Whether these bytes begin with a whole SIP request or status line; empty lines before it are allowed (§7.5).</summary>
    public static bool LooksLikeSip(ReadOnlySpan<byte> data)
    {
        // RTP and RTCP start with 0x80 to 0xBF, STUN with 0x00 or 0x01, DTLS with 0x14 to 0x17: this one test turns them away.
        if (data.Length < 12 || (byte)(data[0] - 0x21) > 0x7E - 0x21 && data[0] is not ((byte)'\r' or (byte)'\n'))
            return false;
        data = data.TrimStart("\r\n"u8);
        int end = data.IndexOf((byte)'\n');
        return end > 0 && (IsStatusLine(data[..end]) || IsRequestLine(data[..end]));
    }

    /// <summary>SIP/2.0 SP 3DIGIT, then a space or the end of the line.</summary>
    private static bool IsStatusLine(ReadOnlySpan<byte> line) =>
        line.Length >= 11
        && IsVersion(line[..7])
        && line[7] == ' '
        && !line[8..11].ContainsAnyExceptInRange((byte)'0', (byte)'9')
        && (line.Length == 11 || line[11] is (byte)' ' or (byte)'\r');

    /// <summary>Method SP Request-URI SP SIP/2.0, with any method and any URI scheme.</summary>
    private static bool IsRequestLine(ReadOnlySpan<byte> line)
    {
        line = line.TrimEnd(" \t\r"u8);
        if (line.Length < 12 || !IsVersion(line[^7..]) || line[^8] != ' ')
            return false;
        int method = line.IndexOfAnyExcept(TokenBytes);
        return method is > 0 and <= MaxMethodLength
            && line[method] == ' '
            && method < line.Length - 8
            && line[method..^8].Contains((byte)':');
    }

    private static bool IsVersion(ReadOnlySpan<byte> text) => Ascii.EqualsIgnoreCase(text, "SIP/2.0"u8);
}
