using System.Buffers.Binary;
using CallMirror.Protocols.Packets;
using CallMirror.Protocols.Rtp;

namespace CallMirror.Capture.Synthetic;

/// <summary>Writes the Ethernet frames of made-up calls, all into one buffer. Checksums are 0, as a network card would fill them in.</summary>
internal sealed class LoadFrames(LoadPlan plan)
{
    private const int EthernetBytes = 14;
    private const int Ipv4Bytes = 20;
    private const int UdpBytes = 8;
    private const int PayloadAt = EthernetBytes + Ipv4Bytes + UdpBytes;
    private const int Capacity = 1500 + EthernetBytes;
    private const byte Pcma = 8;
    private const byte Ttl = 64;

    private readonly byte[] _frame = new byte[Capacity];

    /// <summary>The frame of a call's step; valid until the next.</summary>
    public ReadOnlySpan<byte> Write(int call, int step)
    {
        int bye = LoadCall.ByeStep(plan);
        if (step >= LoadCall.SetupSteps && step < bye)
            return WriteRtp(call, (step - LoadCall.SetupSteps) % 2, (step - LoadCall.SetupSteps) / 2);
        return WriteSip(call, step < bye ? step : step - bye + LoadCall.SetupSteps);
    }

    private ReadOnlySpan<byte> WriteSip(int call, int message)
    {
        int length = LoadSip.Write(call, message, _frame.AsSpan(PayloadAt));
        return LoadSip.IsOfCaller(message) ? Finish(LoadSip.Phone(call), LoadSip.Pbx, length) : Finish(LoadSip.Pbx, LoadSip.Phone(call), length);
    }

    private ReadOnlySpan<byte> WriteRtp(int call, int role, int number)
    {
        uint ssrc = 0x1000_0000u + (2 * (uint)call) + (uint)role;
        var packet = new RtpPacket
        {
            PayloadType = Pcma,
            Marker = number == 0,
            SequenceNumber = new((ushort)((ssrc * 31) + (uint)number)),
            Timestamp = new(unchecked((ssrc * 17) + (uint)(number * LoadVoice.SamplesPerPacket))),
            Ssrc = new(ssrc),
            Payload = LoadVoice.Packet(call, role, number),
        };
        int length = packet.WriteTo(_frame.AsSpan(PayloadAt));
        var (caller, callee) = (LoadSip.CallerMedia(call), LoadSip.CalleeMedia(call));
        return role == 0 ? Finish(caller, callee, length) : Finish(callee, caller, length);
    }

    // The headers around the payload that is there (RFC 791 §3.1, RFC 768).
    private ReadOnlySpan<byte> Finish(LoadAddress source, LoadAddress destination, int payload)
    {
        BinaryPrimitives.WriteUInt16BigEndian(_frame.AsSpan(12), 0x0800);
        var ip = _frame.AsSpan(EthernetBytes);
        ip[0] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(ip[2..], (ushort)(Ipv4Bytes + UdpBytes + payload));
        ip[8] = Ttl;
        ip[9] = (byte)Transport.Udp;
        BinaryPrimitives.WriteUInt32BigEndian(ip[12..], source.Ip);
        BinaryPrimitives.WriteUInt32BigEndian(ip[16..], destination.Ip);
        var udp = ip[Ipv4Bytes..];
        BinaryPrimitives.WriteUInt16BigEndian(udp, source.Port);
        BinaryPrimitives.WriteUInt16BigEndian(udp[2..], destination.Port);
        BinaryPrimitives.WriteUInt16BigEndian(udp[4..], (ushort)(UdpBytes + payload));
        return _frame.AsSpan(0, PayloadAt + payload);
    }
}
