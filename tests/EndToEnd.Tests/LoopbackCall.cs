using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace CallMirror.EndToEnd.Tests;

/// <summary>
/// A small call between two phones on 127.0.0.1, over real UDP sockets: INVITE, 100, 200 with SDP, ACK, PCMA both ways in packets of 20 ms, BYE, 200. Of each
/// direction one packet is sent twice and two change places.
/// </summary>
internal sealed class LoopbackCall : IDisposable
{
    private const int PacketSamples = 160;
    private const int Pcma = 8;
    private const int Repeated = 20;
    private const int Swapped = 40;
    private static readonly TimeSpan PacketTime = TimeSpan.FromMilliseconds(20);

    private readonly Socket[] _sip = [NewSocket(), NewSocket()];
    private readonly Socket[] _rtp = [NewSocket(), NewSocket()];
    private readonly List<TruePacket>[] _sent = [[], []];
    private readonly Random _random = new(20);

    public string CallId { get; } = $"{Guid.NewGuid():N}@127.0.0.1";

    /// <summary>Captures this call and nothing else.</summary>
    public string Filter => "udp and (" + string.Join(" or ", _sip.Concat(_rtp).Select(socket => $"port {Port(socket)}")) + ")";

    /// <summary>What was said, in the order of the sequence numbers.</summary>
    public IReadOnlyList<TrueStream> Truth =>
        [.. _sent.Select((packets, role) => new TrueStream($"role {role}", Ssrc(role), [.. packets.OrderBy(packet => packet.Sequence)]))];

    /// <summary>Makes the call: both talk until <paramref name="from"/> has completed, and then for so long.</summary>
    public async Task PlayAsync(TimeSpan length, Task? from = null)
    {
        await SayAsync(0, Request("INVITE", 1, Sdp(0)));
        await SayAsync(1, Response("100 Trying", "1 INVITE", ""));
        await SayAsync(1, Response("200 OK", "1 INVITE", Sdp(1)));
        await SayAsync(0, Request("ACK", 1, ""));
        await TalkAsync((int)(length / PacketTime), from ?? Task.CompletedTask);
        await SayAsync(0, Request("BYE", 2, ""));
        await SayAsync(1, Response("200 OK", "2 BYE", ""));
    }

    public void Dispose()
    {
        foreach (var socket in _sip.Concat(_rtp))
            socket.Dispose();
    }

    private async Task TalkAsync(int packets, Task from)
    {
        using var timer = new PeriodicTimer(PacketTime);
        for (int i = 0; !from.IsCompleted || packets-- > 0; i++)
        {
            int number = i switch { Swapped => Swapped + 1, Swapped + 1 => Swapped, _ => i };
            for (int role = 0; role < 2; role++)
                await SpeakAsync(role, number, times: i == Repeated ? 2 : 1);
            await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }

        // If it has failed, that is what the test should say.
        await from;
    }

    private async Task SpeakAsync(int role, int number, int times)
    {
        byte[] packet = new byte[12 + PacketSamples];
        packet[0] = 0x80;
        packet[1] = (byte)(Pcma | (number == 0 ? 0x80 : 0));
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)number);
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(4), (uint)(number * PacketSamples));
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(8), Ssrc(role));
        _random.NextBytes(packet.AsSpan(12));
        _sent[role].Add(new TruePacket(Environment.TickCount64 * 1_000_000, number, Pcma, packet[12..]));
        for (int i = 0; i < times; i++)
            await SendAsync(_rtp[role], packet, _rtp[1 - role]);
    }

    private Task SayAsync(int role, string message) => SendAsync(_sip[role], Encoding.ASCII.GetBytes(message), _sip[1 - role]);

    private static async Task SendAsync(Socket from, byte[] data, Socket to) =>
        await from.SendToAsync(data, SocketFlags.None, to.LocalEndPoint!, TestContext.Current.CancellationToken);

    private string Request(string method, int cseq, string body) => Message(
        $"{method} sip:callee@127.0.0.1:{Port(_sip[1])} SIP/2.0", $"{cseq} {method}", body, toTag: method == "INVITE" ? "" : ";tag=callee");

    private string Response(string status, string cseq, string body) => Message($"SIP/2.0 {status}", cseq, body, toTag: ";tag=callee");

    private string Message(string startLine, string cseq, string body, string toTag) => string.Join("\r\n",
        startLine,
        $"Via: SIP/2.0/UDP 127.0.0.1:{Port(_sip[0])};branch=z9hG4bK{cseq.Replace(' ', '-')}",
        "From: <sip:caller@127.0.0.1>;tag=caller",
        $"To: <sip:callee@127.0.0.1>{toTag}",
        $"Call-ID: {CallId}",
        $"CSeq: {cseq}",
        body.Length > 0 ? "Content-Type: application/sdp\r\nContent-Length: " + body.Length : "Content-Length: 0",
        "",
        body);

    private string Sdp(int role) => string.Join("\r\n",
        "v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "c=IN IP4 127.0.0.1", "t=0 0", $"m=audio {Port(_rtp[role])} RTP/AVP 8", "a=rtpmap:8 PCMA/8000", "");

    private static uint Ssrc(int role) => 0x1000_0000u + (uint)role;

    private static int Port(Socket socket) => ((IPEndPoint)socket.LocalEndPoint!).Port;

    private static Socket NewSocket()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return socket;
    }
}
