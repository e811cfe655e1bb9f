using System.Buffers.Binary;
using BenchmarkDotNet.Attributes;
using CallMirror.Capture;
using CallMirror.Capture.Engine;
using CallMirror.Contracts;
using CallMirror.Contracts.Calls;
using CallMirror.Protocols.Packets;
using CallMirror.TestKit;

namespace CallMirror.Benchmarks.Capture;

/// <summary>
/// All of capture but the reading: dissection, classification, routing, ordering, placing and batching of many calls at once, 20 ms of A-law a
/// packet. Time and memory are per packet.
/// </summary>
[MemoryDiagnoser]
public class CaptureEngineBenchmarks
{
    private const int Rounds = 50;
    private const int PacketMs = 20;
    private const int SamplesInPacket = 160;
    private const int MaxStreams = 1000;
    private const int FrameHeaders = 14 + 20 + 8;
    private const long StartNs = 1_700_000_000_000_000_000;

    private CaptureEngine _engine = null!;
    private byte[][] _frames = [];
    private uint _round;

    [Params(10, 500)]
    public int Calls { get; set; }

    [GlobalSetup]
    public void NegotiateCalls()
    {
        _engine = new CaptureEngine(new CaptureOptions(), "benchmark", source: 1);
        _engine.Advance(StartNs);
        _frames = [.. Enumerable.Range(0, Calls).SelectMany(Negotiate)];
    }

    /// <summary>As many packets whatever the number of calls: a second of 500.</summary>
    [Benchmark(OperationsPerInvoke = Rounds * MaxStreams)]
    public int Accept()
    {
        int batches = 0;
        for (int packets = 0; packets < Rounds * MaxStreams; packets += _frames.Length, _round++)
        {
            long stepNs = PacketMs * 1_000_000L / _frames.Length;
            for (int i = 0; i < _frames.Length; i++)
            {
                var rtp = _frames[i].AsSpan(FrameHeaders);
                BinaryPrimitives.WriteUInt16BigEndian(rtp[2..], (ushort)_round);
                BinaryPrimitives.WriteUInt32BigEndian(rtp[4..], _round * SamplesInPacket);
                _engine.Accept(LinkType.Ethernet, _frames[i], StartNs + _round * PacketMs * 1_000_000L + i * stepNs);
            }

            for (; _engine.TryTakeEffect(out var effect); batches++)
                effect.Batch?.Dispose();
        }

        return batches;
    }

    private IEnumerable<byte[]> Negotiate(int call)
    {
        var caller = TransportAddress.From([10, 0, (byte)(call / 200), (byte)(call % 200)], 40_000);
        var pbx = TransportAddress.From([192, 0, 2, 1], 16_384 + 2 * call);
        _engine.Apply(new MediaNegotiated
        {
            CallId = $"{call}@benchmark",
            At = CaptureTime.ToDateTime(StartNs),
            StartedAt = CaptureTime.ToDateTime(StartNs),
            Version = 1,
            Streams =
            [
                new NegotiatedStream { Role = 0, Sender = caller.ToString(), Receiver = pbx.ToString(), Formats = [] },
                new NegotiatedStream { Role = 1, Sender = pbx.ToString(), Receiver = caller.ToString(), Formats = [] },
            ],
        });
        yield return FrameBuilder.Udp(caller, pbx, Rtp(ssrc: 2 * call));
        yield return FrameBuilder.Udp(pbx, caller, Rtp(ssrc: 2 * call + 1));
    }

    private static byte[] Rtp(int ssrc)
    {
        byte[] packet = [0x80, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, .. Enumerable.Repeat((byte)0xD5, SamplesInPacket)];
        BinaryPrimitives.WriteInt32BigEndian(packet.AsSpan(8), ssrc);
        return packet;
    }
}
