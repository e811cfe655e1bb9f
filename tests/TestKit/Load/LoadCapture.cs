using System.Buffers.Binary;
using System.Text;
using CallMirror.Protocols.Packets;
using CallMirror.Protocols.Rtp;

namespace CallMirror.TestKit.Load;

/// <summary>Many calls at once.</summary>
/// <param name="Calls">How many.</param>
/// <param name="Seconds">How long the audio of each is.</param>
/// <param name="Spread">From the first INVITE to the last.</param>
/// <param name="Payload">The 160 bytes of PCMA of a call's role in its n-th packet.</param>
public sealed record LoadPlan(int Calls, int Seconds, TimeSpan Spread, Func<int, int, int, byte[]> Payload)
{
    /// <summary>Nobody is there: each INVITE gets a 404, and there is no audio.</summary>
    public bool AreRefused { get; init; }
}

/// <summary>Writes a capture of many calls at once: SIP with SDP, two directions of PCMA in 20 ms packets.</summary>
public static class LoadCapture
{
    /// <summary>Samples, and bytes, in a packet.</summary>
    public const int SamplesPerPacket = 160;

    private const int PacketsPerSecond = 50;
    private const long Microsecond = 1_000;
    private const long Millisecond = 1_000 * Microsecond;
    private const long Start = 1_700_000_000_000 * Millisecond;

    /// <summary>Packets written.</summary>
    public static long Write(string path, LoadPlan plan)
    {
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 20);
        WriteFileHeader(file);
        var order = new PriorityQueue<IEnumerator<(long TimeNs, byte[] Frame)>, (long, int)>();
        for (int call = 0; call < plan.Calls; call++)
            Enqueue(order, Call(call, plan).GetEnumerator(), call);
        long packets = 0;
        while (order.TryDequeue(out var next, out var key))
        {
            WriteRecord(file, next.Current.TimeNs, next.Current.Frame);
            packets++;
            Enqueue(order, next, key.Item2);
        }

        return packets;
    }

    private static void Enqueue(PriorityQueue<IEnumerator<(long TimeNs, byte[] Frame)>, (long, int)> order, IEnumerator<(long TimeNs, byte[] Frame)> call, int number)
    {
        if (call.MoveNext())
            order.Enqueue(call, (call.Current.TimeNs, number));
    }

    private static IEnumerable<(long TimeNs, byte[] Frame)> Call(int number, LoadPlan plan)
    {
        var caller = Address(10, 1, number / 50, 10 + number % 50);
        var callee = Address(10, 2, number % 8, 20 + number / 8 % 4);
        var (callerMedia, calleeMedia) = (caller.WithPort(20_000 + 2 * number), callee.WithPort(30_000 + 2 * number));
        long time = Start + number * (long)plan.Spread.TotalMicroseconds / plan.Calls * Microsecond;
        byte[] Request(string method, int cseq, string? sdp) => FrameBuilder.Udp(caller, callee, Sip($"{method} sip:200{number}@{callee.ToAddressString()} SIP/2.0", number, method, cseq, sdp));
        byte[] Response(string status, string method, int cseq, string? sdp) => FrameBuilder.Udp(callee, caller, Sip($"SIP/2.0 {status}", number, method, cseq, sdp));

        yield return (time, Request("INVITE", 1, Sdp(callerMedia)));
        yield return (time + 5 * Millisecond, Response("100 Trying", "INVITE", 1, null));
        if (plan.AreRefused)
        {
            yield return (time + 20 * Millisecond, Response("404 Not Found", "INVITE", 1, null));
            yield return (time + 25 * Millisecond, Request("ACK", 1, null));
            yield break;
        }

        yield return (time + 100 * Millisecond, Response("180 Ringing", "INVITE", 1, null));
        yield return (time + 300 * Millisecond, Response("200 OK", "INVITE", 1, Sdp(calleeMedia)));
        yield return (time + 310 * Millisecond, Request("ACK", 1, null));
        time += 320 * Millisecond;
        for (int i = 0; i < plan.Seconds * PacketsPerSecond; i++, time += 20 * Millisecond)
        {
            yield return (time, FrameBuilder.Udp(callerMedia, calleeMedia, Rtp(0x1000_0000u + (uint)number, i, plan.Payload(number, 0, i))));
            yield return (time + 4 * Millisecond, FrameBuilder.Udp(calleeMedia, callerMedia, Rtp(0x2000_0000u + (uint)number, i, plan.Payload(number, 1, i))));
        }

        yield return (time + 10 * Millisecond, Request("BYE", 2, null));
        yield return (time + 15 * Millisecond, Response("200 OK", "BYE", 2, null));
    }

    private static TransportAddress Address(int a, int b, int c, int d) => TransportAddress.From([(byte)a, (byte)b, (byte)c, (byte)d], 5060);

    private static byte[] Rtp(uint ssrc, int index, byte[] payload)
    {
        var packet = new RtpPacket
        {
            PayloadType = 8,
            Marker = index == 0,
            SequenceNumber = new((ushort)(ssrc * 31 + (uint)index)),
            Timestamp = new(ssrc * 17 + (uint)(index * SamplesPerPacket)),
            Ssrc = new(ssrc),
            Payload = payload,
        };
        byte[] bytes = new byte[packet.Length];
        packet.WriteTo(bytes);
        return bytes;
    }

    private static string Sdp(TransportAddress media) =>
        $"v=0\r\no=- 1 1 IN IP4 {media.ToAddressString()}\r\ns=-\r\nc=IN IP4 {media.ToAddressString()}\r\nt=0 0\r\n"
        + $"m=audio {media.Port} RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\na=ptime:20\r\n";

    private static byte[] Sip(string startLine, int number, string method, int cseq, string? sdp)
    {
        bool early = startLine.StartsWith("INVITE", StringComparison.Ordinal) || startLine.Contains("100 Trying", StringComparison.Ordinal);
        string type = sdp is null ? "" : "Content-Type: application/sdp\r\n";
        return Encoding.ASCII.GetBytes(
            $"{startLine}\r\nVia: SIP/2.0/UDP 10.1.0.1:5060;branch=z9hG4bK-{number}-{cseq}-{method}\r\nMax-Forwards: 70\r\n"
            + $"From: <sip:100{number}@load>;tag=f{number}\r\nTo: <sip:200{number}@load>{(early ? "" : $";tag=t{number}")}\r\n"
            + $"Call-ID: call-{number:D5}@load\r\nCSeq: {cseq} {method}\r\n{type}Content-Length: {sdp?.Length ?? 0}\r\n\r\n{sdp}");
    }

    private static void WriteFileHeader(FileStream file)
    {
        Span<byte> header = stackalloc byte[24];
        header.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(header, 0xA1B2C3D4);
        BinaryPrimitives.WriteUInt16LittleEndian(header[4..], 2);
        BinaryPrimitives.WriteUInt16LittleEndian(header[6..], 4);
        BinaryPrimitives.WriteUInt32LittleEndian(header[16..], 65_535);
        BinaryPrimitives.WriteUInt32LittleEndian(header[20..], (uint)LinkType.Ethernet);
        file.Write(header);
    }

    private static void WriteRecord(FileStream file, long timeNs, byte[] frame)
    {
        Span<byte> header = stackalloc byte[16];
        BinaryPrimitives.WriteUInt32LittleEndian(header, (uint)(timeNs / (1_000 * Millisecond)));
        BinaryPrimitives.WriteUInt32LittleEndian(header[4..], (uint)(timeNs % (1_000 * Millisecond) / Microsecond));
        BinaryPrimitives.WriteUInt32LittleEndian(header[8..], (uint)frame.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(header[12..], (uint)frame.Length);
        file.Write(header);
        file.Write(frame);
    }
}
