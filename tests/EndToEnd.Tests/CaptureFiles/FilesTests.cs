using System.IO.Compression;
using CallMirror.AllInOne.Commands;
using CallMirror.Protocols.Packets;
using CallMirror.Protocols.Rtp;
using Frames = System.Collections.Generic.List<(long TimestampNs, CallMirror.Protocols.Packets.LinkType Link, byte[] Frame)>;

namespace CallMirror.EndToEnd.Tests.CaptureFiles;

/// <summary>A real call, cut into files in every way that captures come in: what is stored is the same, byte for byte.</summary>
public sealed class FilesTests : IAsyncLifetime, IDisposable
{
    private const string Capture = "pcmu";

    private readonly TemporaryFolder _folder = new();
    private readonly Frames _frames = [.. PcapReader.Read(TestData.Capture(Capture))];

    public async ValueTask InitializeAsync() => await Runs.ToSinkAsync(Runs.Capture(Capture), _folder["whole"]);

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1, 2, 0)]
    [InlineData(2, 1, 0)]
    public async Task A_rotated_capture_in_any_order_with_the_packets_at_its_seams_twice_is_the_whole(params int[] order)
    {
        int third = _frames.Count / 3;
        string[] parts = [Write("a", _frames[..(third + 5)]), Write("b", _frames[third..(2 * third + 5)]), Write("c", _frames[(2 * third)..])];
        await AssertSameAsync([.. order.Select(i => parts[i])]);
    }

    [Fact]
    public async Task Sip_and_each_direction_of_rtp_captured_apart_are_the_whole()
    {
        var byDirection = _frames.Where(IsRtp).GroupBy(frame => frame.Frame[26]).Select((group, i) => Write($"rtp{i}", [.. group])).ToList();
        await AssertSameAsync([.. byDirection, Write("sip", _frames.FindAll(frame => !IsRtp(frame)))]);
    }

    [Fact]
    public async Task The_same_packets_of_two_captures_are_duplicates() =>
        await AssertSameAsync(Write("one", _frames), Write("other", [.. _frames.Select(frame => (frame.TimestampNs + 300_000, frame.Link, frame.Frame))]));

    [Fact]
    public async Task A_packed_capture_is_the_whole()
    {
        string packed = _folder["packed.pcap.gz"];
        await using (var gzip = new GZipStream(File.Create(packed), CompressionLevel.Fastest))
            await gzip.WriteAsync(PcapWriter.Write(_frames), TestContext.Current.CancellationToken);
        await AssertSameAsync(packed);
    }

    [Fact]
    public async Task Of_files_of_which_one_is_cut_off_the_others_are_delivered_and_the_exit_code_is_1()
    {
        int third = _frames.Count / 3;
        string[] parts = [Write("a", _frames[..third]), Write("b", _frames[third..(2 * third)]), Write("c", _frames[(2 * third)..])];
        byte[] content = await File.ReadAllBytesAsync(parts[1], TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(parts[1], content[..^1], TestContext.Current.CancellationToken);
        await Runs.ToSinkAsync(new Input([Write("without", [.. _frames[..(2 * third - 1)], .. _frames[(2 * third)..]])], Device: null, Filter: null, Speed: null), _folder["expected"]);

        var result = await CommandLine.RunAsync("run", "--pcap", parts[2], parts[0], parts[1], "--speed", "max", "--sink", _folder["out"], "--json");

        string sentence = result.AssertFailed();
        Assert.Contains($"{parts[1]} is damaged after {third - 1} packets: it ends within a packet of ", sentence, StringComparison.Ordinal);
        Assert.EndsWith("; what else there is was read to its end", sentence, StringComparison.Ordinal);
        SameFiles.Assert(_folder["expected"], _folder["out"], "*.pcm");
    }

    private static bool IsRtp((long TimestampNs, LinkType Link, byte[] Frame) frame) =>
        FrameDissector.TryDissect(frame.Link, frame.Frame, out var datagram, out _) && RtpClassifier.Classify(datagram.Payload) == PacketKind.Rtp;

    private string Write(string name, Frames frames)
    {
        string path = _folder[name + ".pcap"];
        File.WriteAllBytes(path, PcapWriter.Write(frames));
        return path;
    }

    private async Task AssertSameAsync(params string[] files)
    {
        var result = await Runs.ToSinkAsync(new Input(files, Device: null, Filter: null, Speed: null), _folder["parts"]);
        Assert.Equal(0, result.ExitCode);
        SameFiles.Assert(_folder["whole"], _folder["parts"], "*.pcm");
    }
}
