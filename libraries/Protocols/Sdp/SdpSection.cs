using System.Globalization;

namespace CallMirror.Protocols.Sdp;

/// <summary>What the c= and a= lines of one section say: of the session, or of one media description.</summary>
internal sealed class SdpSection
{
    private readonly Dictionary<int, RtpPayloadFormat> _formats = [];
    private readonly Dictionary<int, string> _parameters = [];
    private readonly List<uint> _ssrcs = [];
    private MediaDirection? _direction;
    private bool _isEncrypted;
    private bool _rtcpMux;
    private int? _rtcpPort;
    private int? _ptime;

    internal SdpConnection? Connection { get; private set; }

    /// <summary>Of several c= lines (layers of a multicast session) the first counts.</summary>
    internal void ReadConnection(ReadOnlySpan<char> value)
    {
        if (Connection is null && SdpConnection.TryParse(value, out SdpConnection? connection)) Connection = connection;
    }

    internal void ReadAttribute(ReadOnlySpan<char> value)
    {
        ReadOnlySpan<char> name = SdpText.TakeUntil(ref value, ':');
        switch (name)
        {
            case "sendrecv": _direction = MediaDirection.SendRecv; break;
            case "sendonly": _direction = MediaDirection.SendOnly; break;
            case "recvonly": _direction = MediaDirection.RecvOnly; break;
            case "inactive": _direction = MediaDirection.Inactive; break;
            case "rtpmap": ReadRtpmap(value); break;
            case "fmtp": ReadFmtp(value); break;
            case "ptime": ReadPtime(value); break;
            case "rtcp": ReadRtcp(value); break;
            case "rtcp-mux": _rtcpMux = true; break;
            case "crypto" or "fingerprint": _isEncrypted = true; break;
            case "ssrc": ReadSsrc(value); break;
        }
    }

    /// <summary>The media line with what its own section says, and where that is silent, the session's.</summary>
    internal MediaDescription Complete(MediaDescription line, SdpSection session)
    {
        SdpConnection? connection = Connection ?? session.Connection;
        return line with
        {
            Connection = connection?.Address,
            ConnectionHost = connection?.Host,
            Direction = _direction ?? session._direction ?? MediaDirection.SendRecv,
            Formats = [.. line.Formats.Select(Explain)],
            Ptime = _ptime,
            RtcpPort = _rtcpPort,
            RtcpMux = _rtcpMux,
            IsEncrypted = line.IsEncrypted || _isEncrypted || session._isEncrypted,
            Ssrcs = _ssrcs,
        };
    }

    private RtpPayloadFormat Explain(RtpPayloadFormat format)
    {
        RtpPayloadFormat explained = _formats.GetValueOrDefault(format.PayloadType, format);
        return _parameters.TryGetValue(format.PayloadType, out string? fmtp) ? explained with { Fmtp = fmtp } : explained;
    }

    private void ReadRtpmap(ReadOnlySpan<char> value)
    {
        if (RtpPayloadFormat.TryParse(value, out RtpPayloadFormat format)) _formats.TryAdd(format.PayloadType, format);
    }

    private void ReadFmtp(ReadOnlySpan<char> value)
    {
        if (RtpPayloadFormat.TryTakePayloadType(ref value, out int payloadType)) _parameters.TryAdd(payloadType, value.ToString());
    }

    // Some phones write "20.0": the whole milliseconds count.
    private void ReadPtime(ReadOnlySpan<char> value)
    {
        ReadOnlySpan<char> whole = SdpText.TakeUntil(ref value, '.');
        if (int.TryParse(whole, NumberStyles.None, CultureInfo.InvariantCulture, out int milliseconds) && milliseconds > 0) _ptime = milliseconds;
    }

    private void ReadRtcp(ReadOnlySpan<char> value)
    {
        if (ushort.TryParse(SdpText.TakeWord(ref value), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port)) _rtcpPort = port;
    }

    private void ReadSsrc(ReadOnlySpan<char> value)
    {
        if (uint.TryParse(SdpText.TakeWord(ref value), NumberStyles.None, CultureInfo.InvariantCulture, out uint ssrc)
            && !_ssrcs.Contains(ssrc)) _ssrcs.Add(ssrc);
    }
}
