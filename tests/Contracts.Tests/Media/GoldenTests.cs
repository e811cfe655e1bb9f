using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Media;
using CallMirror.TestKit;
using CallMirror.TestKit.Contract;

namespace CallMirror.Contracts.Tests.Media;

/// <summary>Bytes that were put together from the byte table by other means (see contracts/README.md): the layout may not drift.</summary>
public sealed class GoldenTests
{
    private static readonly MediaHeader Header = new()
    {
        Kind = MediaKind.RtpBatch,
        Source = 7,
        Sequence = 3,
        SampleRate = 8000,
        Epoch = 1_772_360_430_250_000_000,
        CapturedAt = 1_772_360_430_371_000_000,
    };

    private static readonly RunHeader Voice = new() { Position = 160, Ssrc = 0xCAFE0001, Timestamp = 4100, Codec = MediaCodec.Pcma };

    private static readonly Content Batch = new(
        Header,
        "a@pbx",
        [
            new(
                0,
                SectionFlags.Open,
                168,
                [
                    new(Voice with { Position = 156, Timestamp = 4096, Flags = RunFlags.History }, [0xD5, 0xD5, 0x55, 0xD5]),
                    new(Voice, [0xD4, 0xD7, 0xD6, 0xD1, 0xD0, 0xD3, 0xD2, 0xDD]),
                ],
                [new MediaMark { Position = 164, Kind = MarkKind.Dtmf, Code = 5 }]),
            new(1, SectionFlags.None, -1, [], []),
        ]);

    private static readonly Content Chunk = new(
        Header with { Kind = MediaKind.L16Chunk, SampleRate = 16000 },
        "a@pbx",
        [
            new(
                0,
                SectionFlags.None,
                336,
                [new(Voice with { Position = 320, Codec = MediaCodec.L16 }, [8, 0, 0xF8, 0xFF, 0, 0x7E, 0, 0x82])],
                [
                    new MediaMark { Position = 324, Kind = MarkKind.Gap, Value = 12 },
                    new MediaMark { Position = 336, Kind = MarkKind.End, Code = (byte)EndReason.Bye },
                ]),
        ]);

    [Fact]
    public void The_batch_is_read_and_written_as_it_is_on_file() => Agree(Hex.Read(ContractFile.ExamplePath("rtp-batch.hex")), Batch);

    [Fact]
    public void The_chunk_is_read_and_written_as_it_is_on_file() => Agree(Hex.Read(ContractFile.ExamplePath("l16-chunk.hex")), Chunk);

    [Fact]
    public void The_example_in_the_documentation_is_true() => Agree(Hex.Read(TestData.Path("../../docs/protocols/media.md")), Batch);

    [Theory, InlineData("contracts/examples/rtp-batch.hex"), InlineData("contracts/examples/l16-chunk.hex"), InlineData("docs/protocols/media.md")]
    public void The_offsets_beside_the_bytes_are_right(string path)
    {
        int offset = 0;
        foreach (var (bytes, comment) in Hex.Lines(Path.Combine(TestData.Root, path)).Where(line => line.Bytes.Length > 0))
        {
            Assert.StartsWith($"{offset} ", comment, StringComparison.Ordinal);
            offset += bytes.Length;
        }

        Assert.NotEqual(0, offset);
    }

    private static void Agree(byte[] bytes, Content content)
    {
        Assert.True(MediaMessage.TryParse(bytes, out var message, out var error), error.ToString());
        Assert.Equal(content.ToString(), Content.Read(message).ToString());
        Assert.Equal(Convert.ToHexString(bytes), Convert.ToHexString(content.Write()));
    }
}
