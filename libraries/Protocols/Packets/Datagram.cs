namespace CallMirror.Protocols.Packets;

/// <summary>A transport protocol, by its IP protocol number.</summary>
public enum Transport : byte
{
    Tcp = 6,
    Udp = 17,
}

/// <summary>Those control bits of a TCP segment that a passive reader acts on (RFC 9293 §3.1).</summary>
[Flags]
public enum TcpFlags : byte
{
    None = 0,
    Fin = 0x01,
    Syn = 0x02,
    Reset = 0x04,
    Ack = 0x10,
}

/// <summary>TCP sequence number (RFC 9293 §3.4), modulo 2^32.</summary>
public readonly record struct TcpSequence(uint Value)
{
    /// <summary>How many bytes <paramref name="left"/> is after <paramref name="right"/>, the short way round.</summary>
    public static int operator -(TcpSequence left, TcpSequence right) => (int)(left.Value - right.Value);

    public static TcpSequence operator +(TcpSequence left, int bytes) => new(left.Value + (uint)bytes);
}

/// <summary>A UDP datagram or a TCP segment. The payload is a slice of the frame it was read from and lives as long as that.</summary>
public readonly ref struct Datagram
{
    public TransportAddress Source { get; init; }

    public TransportAddress Destination { get; init; }

    public Transport Transport { get; init; }

    /// <summary>Sequence number of the first payload byte (of the SYN where that is set); 0 with UDP.</summary>
    public TcpSequence TcpSequence { get; init; }

    /// <summary>None with UDP.</summary>
    public TcpFlags TcpFlags { get; init; }

    /// <summary>What the transport carries, without its header; may be empty.</summary>
    public ReadOnlySpan<byte> Payload { get; init; }
}
