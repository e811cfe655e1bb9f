using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace CallMirror.EndToEnd.Tests.Live;

/// <summary>A call that the answerer took: what both parties say in it, 20 ms at a time, is said nowhere else.</summary>
internal sealed class AnsweredCall(string callId, int number, Socket phone, IPEndPoint phoneAddress, Socket pbx)
{
    private const int PacketSamples = 160;
    private const int PacketMs = 20;

    private readonly Random[] _voices = [new(2 * number), new((2 * number) + 1)];
    private readonly int[] _sent = new int[2];
    private readonly long?[] _since = new long?[2];

    public string CallId { get; } = callId;

    public bool IsOver { get; set; }

    /// <summary>The port that the PBX has for it.</summary>
    public int PbxPort => ((IPEndPoint)pbx.LocalEndPoint!).Port;

    public uint Ssrc(int role) => (uint)((0x5000 + number) << 4 | role);

    /// <summary>A party begins to speak: 0 = caller, 1 = callee.</summary>
    public void Begin(int role) => _since[role] ??= TimeProvider.System.GetTimestamp();

    /// <summary>Sends what is due of both.</summary>
    public void SendDue()
    {
        // The answer sends the first itself, so that it comes with the 200.
        lock (_sent)
        {
            for (int role = 0; role < 2 && !IsOver; role++)
            {
                while (_since[role] is { } since && TimeProvider.System.GetElapsedTime(since).TotalMilliseconds >= _sent[role] * PacketMs)
                    Send(role);
            }
        }
    }

    private void Send(int role)
    {
        Span<byte> packet = stackalloc byte[12 + PacketSamples];
        packet[0] = 0x80;
        packet[1] = 8;
        BinaryPrimitives.WriteUInt16BigEndian(packet[2..], (ushort)(1000 + _sent[role]));
        BinaryPrimitives.WriteUInt32BigEndian(packet[4..], (uint)(_sent[role] * PacketSamples));
        BinaryPrimitives.WriteUInt32BigEndian(packet[8..], Ssrc(role));
        _voices[role].NextBytes(packet[12..]);
        var (from, to) = role == 0 ? (phone, (IPEndPoint)pbx.LocalEndPoint!) : (pbx, phoneAddress);
        from.SendTo(packet, to);
        _sent[role]++;
    }
}
