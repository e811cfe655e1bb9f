namespace CallMirror.Protocols.Sdp;

/// <summary>Walks the lines of one description and puts its sections together.</summary>
internal sealed class SdpReader
{
    private readonly SdpSection _session = new();
    private readonly List<(MediaDescription Line, SdpSection Section)> _media = [];
    private SessionDescription _description = new();

    /// <summary>Whether a letter and an equals sign come next.</summary>
    internal static bool IsLine(ReadOnlySpan<char> line) => line.Length > 1 && char.IsAsciiLetter(line[0]) && line[1] == '=';

    internal SessionDescription? Read(ReadOnlySpan<char> text, out SdpError error)
    {
        foreach (Range range in text.SplitAny('\r', '\n'))
        {
            ReadOnlySpan<char> line = text[range].Trim();
            if (!IsLine(line)) continue;
            error = ReadLine(line[0], line[2..].Trim());
            if (error != SdpError.None) return null;
        }

        error = SdpError.None;
        return _description with
        {
            Connection = _session.Connection?.Address,
            ConnectionHost = _session.Connection?.Host,
            Media = [.. _media.Select(media => media.Section.Complete(media.Line, _session))],
        };
    }

    private SdpError ReadLine(char type, ReadOnlySpan<char> value)
    {
        SdpSection section = _media.Count > 0 ? _media[^1].Section : _session;
        switch (type)
        {
            case 'v' when _media.Count == 0:
                return value is "0" ? SdpError.None : SdpError.UnsupportedVersion;
            case 'o' when _media.Count == 0:
                ReadOrigin(value);
                break;
            case 's' when _media.Count == 0:
                _description = _description with { SessionName = SdpText.NullIfEmpty(value) };
                break;
            case 'c':
                section.ReadConnection(value);
                break;
            case 'a':
                section.ReadAttribute(value);
                break;
            case 'm':
                return ReadMedia(value);
        }

        return SdpError.None;
    }

    //  username sess-id sess-version nettype addrtype unicast-address (RFC 8866 §5.2)
    private void ReadOrigin(ReadOnlySpan<char> value)
    {
        string? user = SdpText.NullIfEmpty(SdpText.TakeWord(ref value));
        string? id = SdpText.NullIfEmpty(SdpText.TakeWord(ref value));
        string? version = SdpText.NullIfEmpty(SdpText.TakeWord(ref value));
        SdpText.TakeWord(ref value);
        SdpText.TakeWord(ref value);
        string? host = SdpText.NullIfEmpty(SdpText.TakeWord(ref value));
        _description = _description with { OriginUser = user, SessionId = id, SessionVersion = version, OriginHost = host };
    }

    private SdpError ReadMedia(ReadOnlySpan<char> value)
    {
        if (_media.Count == SessionDescription.MaxMedia) return SdpError.TooManyMedia;
        if (!SdpMediaLine.TryParse(value, out MediaDescription? line)) return SdpError.BadMediaLine;
        _media.Add((line, new SdpSection()));
        return SdpError.None;
    }
}
