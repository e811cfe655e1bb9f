using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace CallMirror.WsGateway.Connections;

/// <summary>Why something is no head of an HTTP/1.1 response.</summary>
internal enum ResponseHeadError
{
    /// <summary>It is one.</summary>
    None = 0,

    /// <summary>It does not begin with <c>HTTP/1.x</c>, three digits and perhaps a reason.</summary>
    StatusLine,

    /// <summary>A line of it is no name, colon and value.</summary>
    Field,
}

/// <summary>
/// Status and fields of an HTTP/1.1 response (RFC 9112 §2.1), in the forms that a client has to understand: any case, white space around values, a line
/// feed alone at a line's end (§2.2), an empty reason or none (§4), folded values (§5.2).
/// </summary>
internal sealed class ResponseHead
{
    private readonly List<(string Name, string Value)> _fields = [];

    private ResponseHead(int status, string reason)
    {
        Status = status;
        Reason = reason;
    }

    private static ReadOnlySpan<byte> Version => "HTTP/1."u8;

    /// <summary>Three digits.</summary>
    public int Status { get; }

    /// <summary>What the server says to it; may be empty.</summary>
    public string Reason { get; }

    /// <summary>Another response follows this one (RFC 9110 §15.2): 101 is the only one of its kind that is final.</summary>
    public bool IsInterim => Status is >= 100 and < 200 and not 101;

    /// <summary>The values of all fields of a name.</summary>
    public IEnumerable<string> Values(string name) =>
        _fields.Where(field => field.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(field => field.Value);

    /// <summary>False where <paramref name="data"/> can't become a response whatever follows it.</summary>
    public static bool MayBegin(ReadOnlySpan<byte> data) => data.Length > Version.Length ? data.StartsWith(Version) : Version.StartsWith(data);

    /// <summary>Bytes of the head that <paramref name="data"/> begins with, the blank line among them; 0 where it does not end there.</summary>
    public static int LengthOf(ReadOnlySpan<byte> data)
    {
        int at = 0;
        while (data[at..].IndexOf((byte)'\n') is >= 0 and var line)
        {
            at += line + 1;
            if (data[at..].StartsWith("\n"u8))
                return at + 1;
            if (data[at..].StartsWith("\r\n"u8))
                return at + 2;
        }

        return 0;
    }

    /// <summary>Reads a head that is all there.</summary>
    public static bool TryParse(ReadOnlySpan<byte> data, [NotNullWhen(true)] out ResponseHead? head, out ResponseHeadError error)
    {
        error = ResponseHeadError.StatusLine;
        if (!TryParseStatus(NextLine(ref data), out head))
            return false;
        error = ResponseHeadError.Field;
        while (NextLine(ref data) is { Length: > 0 } line)
        {
            if (!head.TryAdd(line))
            {
                head = null;
                return false;
            }
        }

        error = ResponseHeadError.None;
        return true;
    }

    // RFC 9112 §4: HTTP-version SP status-code SP [ reason-phrase ], where the second space is often forgotten.
    private static bool TryParseStatus(ReadOnlySpan<byte> line, [NotNullWhen(true)] out ResponseHead? head)
    {
        head = null;
        const int minor = 7, status = 9, reason = 12;
        if (line.Length < reason || !line.StartsWith(Version) || !char.IsAsciiDigit((char)line[minor]) || line[minor + 1] != ' ')
            return false;
        var digits = line[status..reason];
        if (digits.ContainsAnyExceptInRange((byte)'0', (byte)'9') || digits[0] == '0')
            return false;
        // It is shown to users: no control characters, and no guess at an encoding.
        if ((line.Length > reason && line[reason] != ' ') || line[reason..].ContainsAnyInRange((byte)0, (byte)(' ' - 1)) || line.Contains((byte)0x7F))
            return false;
        head = new ResponseHead(((digits[0] - '0') * 100) + ((digits[1] - '0') * 10) + digits[2] - '0', Encoding.ASCII.GetString(line[reason..]).Trim());
        return true;
    }

    // RFC 9112 §5, and RFC 9110 §5.5 for the characters that no value may have.
    private bool TryAdd(ReadOnlySpan<byte> line)
    {
        if (line.ContainsAny((byte)'\0', (byte)'\r'))
            return false;
        if (line[0] is (byte)' ' or (byte)'\t')
            return TryUnfold(Text(line));
        int colon = line.IndexOf((byte)':');
        string name = Text(line[..Math.Max(colon, 0)]);
        if (!ListenerUrl.IsHeaderName(name))
            return false;
        _fields.Add((name, Text(line[(colon + 1)..])));
        return true;
    }

    private bool TryUnfold(string more)
    {
        if (_fields.Count == 0)
            return false;
        var (name, value) = _fields[^1];
        _fields[^1] = (name, $"{value} {more}".Trim());
        return true;
    }

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes).Trim(' ', '\t');

    private static ReadOnlySpan<byte> NextLine(ref ReadOnlySpan<byte> data)
    {
        int end = data.IndexOf((byte)'\n');
        var line = end < 0 ? data : data[..end];
        data = end < 0 ? default : data[(end + 1)..];
        return line.EndsWith("\r"u8) ? line[..^1] : line;
    }
}
