using CallMirror.Protocols.Packets;
using CallMirror.Protocols.Rtp;
using CallMirror.TestKit;

namespace CallMirror.Protocols.Tests.Packets;

public sealed class AllocationTests
{
    private const int Packets = 100_000;

    [Fact]
    public void Reading_packets_allocates_nothing()
    {
        (LinkType Link, byte[] Frame)[] frames =
        [
            .. PcapReader.Read(TestData.Path("captures/bridge-pcma-vlan/mirror.pcap")).Select(p => (p.Link, p.Frame)),
            .. PcapReader.Read(TestData.Path("captures/ipv6/mirror.pcap")).Select(p => (p.Link, p.Frame)),
        ];
        _ = Measure(frames); // statics are made on first use
        (int rtp, long bytes) = Measure(frames);
        Assert.InRange(rtp, Packets * 9 / 10, Packets);
        Assert.Equal(0, bytes);
    }

    [Fact]
    public void Reassembling_fragments_allocates_nothing_once_warm()
    {
        var a = TransportAddress.From([192, 0, 2, 1], 5060);
        byte[][] frames = [.. Enumerable.Range(0, 50).SelectMany(id => FrameBuilder.UdpFragments(a, a, new byte[3000], (uint)id, 1400))];
        var reassembler = new IpReassembler();
        long now = 0;
        _ = Reassemble(reassembler, frames, ref now);
        long before = GC.GetAllocatedBytesForCurrentThread();
        int whole = Reassemble(reassembler, frames, ref now);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(500, whole);
    }

    private static (int Rtp, long Bytes) Measure((LinkType Link, byte[] Frame)[] frames)
    {
        int rtp = 0;
        var jitter = new InterarrivalJitter(8000);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < Packets; i++)
        {
            (LinkType link, byte[] frame) = frames[i % frames.Length];
            if (!FrameDissector.TryDissect(link, frame, out Datagram datagram, out _)
                || SipRecognizer.LooksLikeSip(datagram.Payload)
                || RtpClassifier.Classify(datagram.Payload) != PacketKind.Rtp
                || !RtpPacket.TryParse(datagram.Payload, out RtpPacket packet, out _))
                continue;
            rtp++;
            jitter.Update(packet.Timestamp, i);
            _ = TelephoneEvent.TryParse(packet.Payload, out _, out _);
        }

        return (rtp, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static int Reassemble(IpReassembler reassembler, byte[][] frames, ref long now)
    {
        int whole = 0;
        for (int round = 0; round < 10; round++)
        {
            now += 2_000_000_000;
            foreach (byte[] frame in frames)
            {
                if (FrameDissector.TryReadIp(LinkType.Ethernet, frame, out IpPacket part, out _)
                    && reassembler.Add(in part, now, out _) == FragmentResult.Complete)
                    whole++;
            }
        }

        return whole;
    }
}
