using System.Diagnostics;
using CallMirror.Capture.Pcap;
using CallMirror.Capture.Sources;
using CallMirror.Capture.Tests.Engine;
using CallMirror.Protocols.Packets;
using CallMirror.TestKit;

namespace CallMirror.Capture.Tests.Pcap;

public sealed class PcapFileSourceTests : IDisposable
{
    private static readonly byte[] Frame = FrameBuilder.Udp(Line.Caller, Line.Pbx, Line.RtpBytes(1, 160, 1, 8, Line.Voice(1, 160)));
    private static readonly byte[] Other = FrameBuilder.Udp(Line.Pbx.WithPort(5060), Line.Caller, Line.SipBytes());

    private readonly PcapFile _files = new();

    [Theory]
    [InlineData(false, false, 123_456_000)]
    [InlineData(true, false, 123_456_000)]
    [InlineData(false, true, 123_456_789)]
    [InlineData(true, true, 123_456_789)]
    public void Either_byte_order_and_precision_is_read(bool bigEndian, bool nanoseconds, long fraction)
    {
        byte[] file = PcapFile.Of(bigEndian, nanoseconds, Frame, Other);
        using var source = PcapFileSource.Open(_files.Write(file));
        var packets = Read(source);
        Assert.Equal([Frame, Other], packets.Select(packet => packet.Frame));
        Assert.Equal([PcapFile.Seconds * 1_000_000_000 + fraction, (PcapFile.Seconds + 1) * 1_000_000_000 + fraction], packets.Select(packet => packet.TimeNs));
        Assert.All(packets, packet => Assert.Equal(LinkType.Ethernet, packet.Link));
        Assert.Equal(new SourceFigures(2, file.Length, file.Length, 0, 0), source.Figures);
        Assert.False(source.IsLive);
    }

    [Fact]
    public void Pcapng_is_read_as_its_pcap_is()
    {
        using var source = PcapFileSource.Open(TestData.Capture("bridge-pcma-pcapng"));
        var expected = PcapReader.Read(TestData.Capture("bridge-pcma")).ToList();
        var packets = Read(source);
        Assert.Equal(expected.Select(packet => packet.Frame), packets.Select(packet => packet.Frame));
        // The copy may be coarser or finer, by less than a microsecond.
        Assert.All(expected.Zip(packets), pair => Assert.InRange(pair.Second.TimeNs - pair.First.TimestampNs, -1000, 1000));
    }

    [Fact]
    public void Cooked_captures_say_what_they_are()
    {
        using var source = PcapFileSource.Open(TestData.Capture("linktype-any"));
        Assert.All(Read(source), packet => Assert.True(packet.Link is LinkType.LinuxSll or LinkType.LinuxSll2));
    }

    [Fact]
    public void A_truncated_file_gives_all_whole_packets_and_then_one_sentence()
    {
        byte[] file = PcapFile.Of(false, false, Frame, Other, Frame);
        string path = _files.Write(file[..^1]);
        using var source = PcapFileSource.Open(path);
        Assert.Equal((SourceStatus.Packet, SourceStatus.Packet), (source.TryRead(out _), source.TryRead(out _)));
        var error = Assert.Throws<CaptureException>(() => source.TryRead(out _));
        AssertSentence($"{path} is damaged after 2 packets: ", error);
    }

    [Fact]
    public void A_file_that_is_not_there_is_named() =>
        AssertSentence($"{_files.Folder}/none.pcap does not exist", Assert.Throws<CaptureException>(() => PcapFileSource.Open($"{_files.Folder}/none.pcap")));

    [Fact]
    public void A_folder_is_no_file() =>
        AssertSentence($"{_files.Folder} is a folder", Assert.Throws<CaptureException>(() => PcapFileSource.Open(_files.Folder)));

    [Fact]
    public void Neither_an_empty_file_nor_a_text_is_a_capture()
    {
        foreach (byte[] content in (byte[][])[[], [.. "Dear diary,\n this is no capture at all."u8], PcapFile.Of(false, false)[..20]])
        {
            string path = _files.Write(content);
            AssertSentence($"{path} is not a capture that can be read: ", Assert.Throws<CaptureException>(() => PcapFileSource.Open(path)));
        }
    }

    [Fact]
    public async Task A_named_pipe_is_read_to_its_end_and_has_no_length()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() || OperatingSystem.IsMacOS(), "there is no mkfifo");
        string pipe = $"{_files.Folder}/pipe";
        using (var mkfifo = Process.Start("mkfifo", pipe))
            await mkfifo.WaitForExitAsync(TestContext.Current.CancellationToken);
        byte[] content = PcapFile.Of(false, false, Frame, Other);
        // Either end waits in open(2) until the other is there.
        var writing = Task.Run(() => File.WriteAllBytes(pipe, content), TestContext.Current.CancellationToken);
        var packets = await Task.Run(() =>
        {
            using var source = PcapFileSource.Open(pipe);
            Assert.Equal(0, source.Figures.BytesTotal);
            return Read(source);
        }).WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        await writing;
        Assert.Equal([Frame, Other], packets.Select(packet => packet.Frame));
    }

    [Fact]
    public void An_empty_capture_ends_at_once()
    {
        using var source = PcapFileSource.Open(_files.Write(PcapFile.Of(false, false)));
        Assert.Equal((SourceStatus.End, SourceStatus.End), (source.TryRead(out _), source.TryRead(out _)));
    }

    [Theory]
    [InlineData("udp port 5060", 1)]
    [InlineData("udp", 2)]
    [InlineData("tcp", 0)]
    [InlineData(" ", 2)]
    [InlineData(null, 2)]
    public void A_filter_lets_through_what_it_says(string? filter, int packets)
    {
        using var source = PcapFileSource.Open(_files.Write(PcapFile.Of(false, false, Frame, Other)), filter);
        Assert.Equal(packets, Read(source).Count);
    }

    [Fact]
    public void A_filter_that_is_none_is_quoted()
    {
        string path = _files.Write(PcapFile.Of(false, false, Frame));
        AssertSentence("the filter \"udp prot 5060\" is not valid: ", Assert.Throws<CaptureException>(() => PcapFileSource.Open(path, "udp prot 5060")));
    }

    public void Dispose() => _files.Dispose();

    internal static List<(LinkType Link, long TimeNs, byte[] Frame)> Read(IPacketSource source)
    {
        List<(LinkType, long, byte[])> packets = [];
        while (source.TryRead(out var packet) == SourceStatus.Packet)
            packets.Add((packet.Link, packet.TimeNs, packet.Frame.ToArray()));
        return packets;
    }

    /// <summary>How many packets were read in four rounds, and the bytes that one of them took from the heap at the least, once as many have been read before.</summary>
    // The runtime itself allocates now and then, once; what a packet costs, each round of them costs.
    internal static (int Packets, long Bytes) Cost(IPacketSource source, int packets)
    {
        const int Rounds = 4;
        Count(source, packets);
        var (count, least) = (0, long.MaxValue);
        for (int round = 0; round < Rounds; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            count += Count(source, packets / Rounds);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return (count, least);
    }

    private static int Count(IPacketSource source, int most)
    {
        int count = 0;
        while (count < most && source.TryRead(out _) == SourceStatus.Packet)
            count++;
        return count;
    }

    private static void AssertSentence(string beginning, CaptureException error)
    {
        Assert.StartsWith(beginning, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
        Assert.False(error.Message.EndsWith(": ", StringComparison.Ordinal));
    }
}
