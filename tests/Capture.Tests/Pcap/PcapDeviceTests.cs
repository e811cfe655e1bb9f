using System.Net;
using System.Net.Sockets;
using CallMirror.Capture.Pcap;
using CallMirror.Capture.Sources;
using CallMirror.Protocols.Packets;

namespace CallMirror.Capture.Tests.Pcap;

public sealed class PcapDeviceTests
{
    private const string Loopback = "lo";
    private const int RingBytes = 4 * 1024 * 1024;

    [Fact]
    public void The_loopback_interface_is_listed_and_up()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "interfaces have other names elsewhere");
        Assert.True(Assert.Single(PcapDevices.List(), device => device.Name == Loopback).IsUp);
    }

    [Fact]
    public void Libpcap_says_its_version() => Assert.StartsWith("libpcap version ", PcapDevices.LibraryVersion, StringComparison.Ordinal);

    [Fact]
    public void An_interface_that_is_not_there_gets_one_sentence()
    {
        var error = Assert.Throws<CaptureException>(() => PcapDeviceSource.Open("no-such-if0", RingBytes));
        Assert.Contains("no-such-if0", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void A_filter_that_is_none_is_quoted()
    {
        OpenLoopback("udp").Dispose();
        var error = Assert.Throws<CaptureException>(() => PcapDeviceSource.Open(Loopback, RingBytes, "udp prot 5060"));
        Assert.StartsWith("the filter \"udp prot 5060\" is not valid: ", error.Message, StringComparison.Ordinal);
    }

    // A slot of the longest frame for each packet: the ring of 4 MiB holds a few dozen.
    [Theory]
    [InlineData(false, 1000)]
    [InlineData(true, 10)]
    public void A_burst_over_loopback_that_nobody_reads_at_once_arrives_in_its_order(bool immediate, int count)
    {
        using var receiver = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        var to = (IPEndPoint)receiver.Client.LocalEndPoint!;
        using var source = OpenLoopback($"udp dst port {to.Port}", immediate);
        Assert.True(source.IsLive);
        Assert.Equal(SourceStatus.Idle, source.TryRead(out _));
        using var sender = new UdpClient();
        for (int i = 0; i < count; i++)
            sender.Send(BitConverter.GetBytes(i), to);

        List<int> arrived = [];
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(20));
        while (arrived.Count < count)
        {
            limit.Token.ThrowIfCancellationRequested();
            if (source.TryRead(out var packet) == SourceStatus.Packet && FrameDissector.TryDissect(packet.Link, packet.Frame, out var datagram, out _))
                AddOnce(arrived, BitConverter.ToInt32(datagram.Payload));
        }

        Assert.Equal(Enumerable.Range(0, count), arrived);
        Assert.Equal((0L, 0L), (source.Figures.DroppedByKernel, source.Figures.BytesTotal));
        Assert.True(source.Figures.Packets >= count);
    }

    // A loopback packet may be seen as it leaves and as it comes.
    private static void AddOnce(List<int> arrived, int number)
    {
        if (arrived is not [.., var last] || last != number)
            arrived.Add(number);
    }

    // Asks for what is there, or skips: a capture needs CAP_NET_RAW.
    private static PcapDeviceSource OpenLoopback(string filter, bool immediate = false)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "interfaces have other names elsewhere");
        try
        {
            return PcapDeviceSource.Open(Loopback, RingBytes, filter, immediate);
        }
        catch (CaptureException error) when (error.Message.Contains("CAP_NET_RAW", StringComparison.Ordinal))
        {
            Assert.Skip(error.Message);
            throw;
        }
    }
}
