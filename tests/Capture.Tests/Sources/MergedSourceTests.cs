using System.Globalization;
using CallMirror.Capture.Sources;
using CallMirror.Capture.Tests.Engine;
using CallMirror.Capture.Tests.Pcap;
using CallMirror.TestKit;

namespace CallMirror.Capture.Tests.Sources;

public sealed class MergedSourceTests : IDisposable
{
    private readonly PcapFile _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public void Packets_come_in_the_order_of_their_times_whatever_the_order_of_the_files()
    {
        var parts = (string[])["0 1 2", "3 4", "5 6 7"];
        foreach (int[] order in (int[][])[[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]])
            Assert.Equal("0 1 2 3 4 5 6 7", Read(order.Select(i => parts[i])));
    }

    [Theory]
    [InlineData("0 2 4 6", "1 3 5", "0 1 2 3 4 5 6")]
    [InlineData("0 1 2", "2 3", "0 1 2 2 3")]
    [InlineData("5 6 7", "", "5 6 7")]
    // Within a file packets keep their order: its clock may have been set.
    [InlineData("10 20 5 6", "1 30", "1 10 20 5 6 30")]
    // Where there are no times, one file comes behind the other.
    [InlineData("0 0 0", "0 0", "0 0 0 0 0")]
    public void Files_that_overlap_are_merged(string one, string other, string expected)
    {
        Assert.Equal(expected, Read([one, other]));
        Assert.Equal(expected, Read([other, one]));
    }

    [Fact]
    public void Of_packets_of_one_time_those_of_the_first_file_come_first()
    {
        using var source = MergedSource.OpenFiles([Write("0 0 7", 'a'), Write("0 0 7", 'b')], filter: null);
        Assert.Equal("aabbab", Words(source, packet => $"{packet.Frame[^1]:X}").Replace(" ", "", StringComparison.Ordinal).ToLowerInvariant());
    }

    [Fact]
    public void Pcap_pcapng_and_gzip_may_be_mixed()
    {
        string ng = _files.Write(new PcapngFile().Section(bigEndian: true).Interface().Packet(1_000_000, Frame(1)).Packet(3_000_000, Frame(3)).Bytes);
        using var source = MergedSource.OpenFiles([Write("2 4"), ng], filter: null);
        Assert.Equal("1 2 3 4", Times(source));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void A_damaged_file_is_read_up_to_there_the_others_whole_and_the_end_says_so(int damaged)
    {
        string[] parts = ["0 1 2", "3 4 5", "6 7 8"];
        string[] paths = [.. parts.Select(part => Write(part))];
        File.WriteAllBytes(paths[damaged], File.ReadAllBytes(paths[damaged])[..^1]);
        using var source = MergedSource.OpenFiles(paths, filter: null);
        List<long> times = [];
        var error = Assert.Throws<CaptureException>(() =>
        {
            while (source.TryRead(out var packet) == SourceStatus.Packet)
                times.Add(packet.TimeNs / 1_000_000_000);
        });
        Assert.Equal(Enumerable.Range(0, 9).Select(i => (long)i).Except([damaged * 3 + 2]), times);
        Assert.StartsWith($"{paths[damaged]} is damaged after 2 packets: it ends within a packet of ", error.Message, StringComparison.Ordinal);
        Assert.EndsWith("; what else there is was read to its end", error.Message, StringComparison.Ordinal);
        Assert.True(error.IsDamage);
        // It is said once.
        Assert.Equal(SourceStatus.End, source.TryRead(out _));
    }

    [Fact]
    public void What_is_no_capture_is_passed_over_among_others_and_said_at_the_end()
    {
        string empty = _files.Write([]), text = _files.Write([.. "Dear diary,\n this is no capture at all."u8]);
        using var source = MergedSource.OpenFiles([empty, Write("1 2"), text], filter: null);
        Assert.Equal((SourceStatus.Packet, SourceStatus.Packet), (source.TryRead(out _), source.TryRead(out _)));
        string said = Assert.Throws<CaptureException>(() => source.TryRead(out _)).Message;
        Assert.Contains($"{empty} is not a capture that can be read: it is empty; {text} is not a capture", said, StringComparison.Ordinal);
        Assert.Contains($"{text} is not a capture", Assert.Throws<CaptureException>(() => MergedSource.OpenFiles([empty, text], filter: null)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_not_there_is_named_before_anything_is_read() =>
        Assert.StartsWith("/none.pcap does not exist", Assert.Throws<CaptureException>(() => MergedSource.OpenFiles([Write("1"), "/none.pcap"], filter: null)).Message, StringComparison.Ordinal);

    [Fact]
    public void Of_many_files_only_those_whose_turn_it_is_are_open()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "there is no /proc");
        const int Files = 200;
        string[] paths = [.. Enumerable.Range(0, Files).Select(i => Write(FormattableString.Invariant($"{2 * i} {2 * i + 1} {2 * i + 2}"))).Reverse()];
        using var source = MergedSource.OpenFiles(paths, filter: "udp");
        Assert.InRange(OpenFiles(), 1, 64);
        int packets = 0, most = 0;
        long last = 0;
        while (source.TryRead(out var packet) == SourceStatus.Packet)
        {
            Assert.True(packet.TimeNs >= last);
            (last, packets, most) = (packet.TimeNs, packets + 1, Math.Max(most, OpenFiles()));
        }

        Assert.Equal(3 * Files, packets);
        Assert.InRange(most, 1, 64 + 2);
        Assert.Equal(0, OpenFiles());
        long size = paths.Sum(path => new FileInfo(path).Length);
        Assert.Equal(new SourceFigures(3 * Files, size, size, 0, 0), source.Figures);
    }

    [Fact]
    public void More_files_at_one_time_than_can_be_open_are_refused_in_a_sentence()
    {
        using var source = MergedSource.OpenFiles([.. Enumerable.Range(0, MergedSource.MostAtOnce + 1).Select(_ => Write("1 2 3"))], filter: null);
        Assert.StartsWith("more than 256 of the files overlap in time; ", Assert.Throws<CaptureException>(() => source.TryRead(out _)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_packet_costs_no_memory()
    {
        string times = string.Join(' ', Enumerable.Range(0, 2000));
        using var source = MergedSource.OpenFiles([Write(times), Write(times)], filter: null);
        Assert.Equal((2000, 0L), PcapFileSourceTests.Cost(source, 2000));
    }

    private static byte[] Frame(int number, char tag = 'a') =>
        FrameBuilder.Udp(Line.Caller, Line.Pbx, [.. Line.RtpBytes(number, (uint)number * 160, 1, 8, Line.Voice(number, 160)), (byte)(tag - 'a' + 10)]);

    private static string Times(IPacketSource source) => Words(source, packet => (packet.TimeNs / 1_000_000_000).ToString(CultureInfo.InvariantCulture));

    private static string Words(IPacketSource source, Func<(Protocols.Packets.LinkType Link, long TimeNs, byte[] Frame), string> word) =>
        string.Join(' ', PcapFileSourceTests.Read(source).Select(word));

    private int OpenFiles() => new DirectoryInfo("/proc/self/fd").EnumerateFiles().Count(file => file.LinkTarget?.StartsWith(_files.Folder, StringComparison.Ordinal) == true);

    private string Read(IEnumerable<string> files)
    {
        using var source = MergedSource.OpenFiles([.. files.Select(times => Write(times))], filter: null);
        return Times(source);
    }

    // A packet at each of these seconds.
    private string Write(string times, char tag = 'a')
    {
        int[] seconds = [.. times.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(time => int.Parse(time, CultureInfo.InvariantCulture))];
        return _files.Write(PcapFile.At(seconds, second => Frame(second, tag)));
    }
}
