using BenchmarkDotNet.Attributes;
using CallMirror.Protocols.Packets;
using CallMirror.Protocols.Rtp;
using CallMirror.TestKit;

namespace CallMirror.Benchmarks.Packets;

/// <summary>Packets a second on one core: 2,035 frames of a bridged call on a VLAN, 614 of a call over IPv6. Time and bytes are per packet.</summary>
[MemoryDiagnoser]
public class PacketBenchmarks
{
    /// <summary>Each benchmark runs over as many packets, so that the result is per packet.</summary>
    private const int Packets = 100_000;

    private (LinkType Link, byte[] Frame)[] _frames = [];

    [Params("bridge-pcma-vlan", "ipv6")]
    public string Capture { get; set; } = "";

    [GlobalSetup]
    public void Load()
    {
        (LinkType, byte[])[] once = [.. PcapReader.Read(TestData.Path($"captures/{Capture}/mirror.pcap")).Select(p => (p.Link, p.Frame))];
        _frames = [.. Enumerable.Range(0, Packets).Select(i => once[i % once.Length])];
    }

    [Benchmark(OperationsPerInvoke = Packets)]
    public int Dissect()
    {
        int found = 0;
        foreach ((LinkType link, byte[] frame) in _frames)
        {
            if (FrameDissector.TryDissect(link, frame, out _, out _))
                found++;
        }

        return found;
    }

    /// <summary>What capture does for every packet: is it SIP, is it RTP, what does its header say.</summary>
    [Benchmark(OperationsPerInvoke = Packets)]
    public long DissectClassifyParse()
    {
        long sum = 0;
        foreach ((LinkType link, byte[] frame) in _frames)
        {
            if (FrameDissector.TryDissect(link, frame, out Datagram datagram, out _)
                && !SipRecognizer.LooksLikeSip(datagram.Payload)
                && RtpClassifier.Classify(datagram.Payload) == PacketKind.Rtp
                && RtpPacket.TryParse(datagram.Payload, out RtpPacket packet, out _))
                sum += packet.SequenceNumber.Value + packet.Payload.Length;
        }

        return sum;
    }
}
