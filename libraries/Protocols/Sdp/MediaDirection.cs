namespace CallMirror.Protocols.Sdp;

/// <summary>Which way media flows, as the sender of the description sees it (RFC 8866 §6.7).</summary>
public enum MediaDirection
{
    SendRecv,
    SendOnly,
    RecvOnly,
    Inactive,
}
