namespace CallMirror.TestKit.Truth;

/// <summary>One G.711 packet as it was on the wire.</summary>
/// <param name="TimeNs">Capture time.</param>
/// <param name="Sequence">Sequence number, extended beyond 16 bits.</param>
/// <param name="PayloadType">0 for PCMU, 8 for PCMA (RFC 3551 §6).</param>
/// <param name="Payload">A byte a sample.</param>
public sealed record TruePacket(long TimeNs, long Sequence, int PayloadType, byte[] Payload)
{
    /// <summary>The payload, decoded.</summary>
    public short[] Samples { get; } = G711Formula.Decode(PayloadType, Payload);
}

/// <summary>The G.711 packets of one sender and SSRC in the order of their sequence numbers, each once.</summary>
public sealed record TrueStream(string Source, uint Ssrc, IReadOnlyList<TruePacket> Packets)
{
    /// <summary>All samples, without gaps.</summary>
    public int SampleCount => Packets.Sum(packet => packet.Samples.Length);

    /// <summary>The payloads of one type, one behind the other.</summary>
    public byte[] Payload(int payloadType) =>
        [.. Packets.Where(packet => packet.PayloadType == payloadType).SelectMany(packet => packet.Payload)];
}

/// <summary>A digit, at its first packet (RFC 4733).</summary>
public sealed record TrueDigit(long TimeNs, uint Ssrc, int Event);

/// <summary>A SIP message over UDP.</summary>
public sealed record TrueSip(long TimeNs, string Text)
{
    /// <summary>A header's value; headers of real calls are written in full.</summary>
    public string? Header(string name) => Text.Split("\r\n\r\n")[0].Split("\r\n").Skip(1)
        .FirstOrDefault(line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))?[(name.Length + 1)..].Trim();
}
