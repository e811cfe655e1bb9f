using System.IO.Compression;
using CallMirror.Capture.Pcap;
using CallMirror.Capture.Sources;
using CallMirror.Capture.Tests.Engine;
using CallMirror.TestKit;

namespace CallMirror.Capture.Tests.Pcap;

/// <summary>Captures as gzip packs them; the name of the file does not matter.</summary>
public sealed class GzipTests : IDisposable
{
    private static readonly byte[] Frame = FrameBuilder.Udp(Line.Caller, Line.Pbx, Line.RtpBytes(1, 160, 1, 8, Line.Voice(1, 160)));

    private readonly PcapFile _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public void Pcap_and_pcapng_are_read_out_of_gzip()
    {
        foreach (byte[] content in (byte[][])[PcapFile.Of(false, false, Frame, Frame), new PcapngFile().Section().Interface().Packet(1, Frame).Packet(2, Frame).Bytes])
        {
            byte[] packed = Packed(content);
            using var source = PcapFileSource.Open(_files.Write(packed));
            Assert.Equal([Frame, Frame], PcapFileSourceTests.Read(source).Select(packet => packet.Frame));
            // How far it has come is told by what is in the file.
            Assert.Equal((packed.Length, packed.Length), (source.Figures.BytesRead, source.Figures.BytesTotal));
        }
    }

    [Fact]
    public void What_several_runs_of_gzip_have_appended_is_read_to_its_end()
    {
        byte[] whole = PcapFile.Of(false, false, Frame, Frame);
        using var source = PcapFileSource.Open(_files.Write([.. Packed(whole[..200]), .. Packed(whole[200..])]));
        Assert.Equal(2, PcapFileSourceTests.Read(source).Count);
    }

    [Fact]
    public void One_that_is_cut_off_gives_what_it_holds_and_then_one_sentence()
    {
        byte[] packed = Packed(PcapFile.Of(false, false, [.. Enumerable.Range(0, 500).Select(i => FrameBuilder.Udp(Line.Caller, Line.Pbx, Line.RtpBytes(i, 160u * (uint)i, 1, 8, Line.Voice(i, 160))))]));
        foreach (int missing in (int[])[1, 4, 8, 9, packed.Length / 2])
        {
            string path = _files.Write(packed[..^missing]);
            using var source = PcapFileSource.Open(path);
            int packets = 0;
            var error = Assert.Throws<CaptureException>(() =>
            {
                while (source.TryRead(out _) == SourceStatus.Packet)
                    packets++;
            });
            Assert.InRange(packets, 100, 500);
            Assert.StartsWith($"{path} is damaged after {packets} packets: ", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Gzip_of_nothing_of_text_or_of_noise_is_no_capture()
    {
        foreach (byte[] content in (byte[][])[Packed([]), Packed([.. "Dear diary,\n this is no capture at all."u8]), [0x1F, 0x8B, 8, 0, 1, 2, 3], [0x1F, 0x8B]])
        {
            string path = _files.Write(content);
            Assert.StartsWith($"{path} is not a capture that can be read: ", Assert.Throws<CaptureException>(() => PcapFileSource.Open(path)).Message, StringComparison.Ordinal);
        }
    }

    private static byte[] Packed(byte[] content)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
            gzip.Write(content);
        return packed.ToArray();
    }
}
