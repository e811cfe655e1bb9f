using System.Buffers.Binary;
using CallMirror.Contracts.Media;
using CallMirror.TestKit;

namespace CallMirror.Contracts.Tests.Media;

public sealed class MediaMessageTests
{
    private static readonly MediaHeader Header = new()
    {
        Kind = MediaKind.RtpBatch,
        Source = 1,
        Sequence = 2,
        SampleRate = 8000,
        Epoch = 3,
        CapturedAt = 4,
    };

    private static readonly Content Sample = new(
        Header,
        "call",
        [
            new(0, SectionFlags.Open, 100, [new(new RunHeader { Position = 1, Ssrc = 2, Timestamp = 3, Codec = MediaCodec.L16 }, [1, 2, 3, 4])], [Mark]),
            new(1, SectionFlags.None, -1, [], [Mark]),
        ]);

    private static MediaMark Mark => new() { Position = 5, Kind = MarkKind.Gap, Code = 6, Value = 7 };

    [Fact]
    public void What_was_written_is_what_is_read() => Properties.Hold(Contents.Any, content =>
    {
        byte[] bytes = content.Write();
        Assert.True(MediaMessage.TryParse(bytes, out var message, out var error));
        Assert.Equal(MediaMessageError.None, error);
        Assert.Equal(content.ToString(), Content.Read(message).ToString());
    });

    [Fact]
    public void Every_truncation_is_an_error()
    {
        byte[] whole = Sample.Write();
        for (int length = 0; length < whole.Length; length++)
            Assert.Equal(MediaMessageError.Truncated, Error(whole[..length]));
    }

    [Fact]
    public void Every_truncation_of_any_message_is_an_error() => Properties.Hold(Contents.Any, content =>
    {
        byte[] whole = content.Write();
        for (int length = 0; length < whole.Length; length++)
            Assert.NotEqual(MediaMessageError.None, Error(whole[..length]));
    });

    [Fact]
    public void Random_bytes_never_throw() => Properties.Hold<byte[]>(bytes => Walk([MediaLayout.Version, 1, .. bytes]));

    [Fact]
    public void Damaged_messages_never_throw_and_stay_untouched() => Properties.Hold(Contents.Any, content =>
    {
        byte[] bytes = content.Write();
        var random = new Random(bytes.Length);
        for (int i = 0; i < 20; i++)
        {
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            byte[] before = [.. bytes];
            Walk(bytes);
            Assert.Equal(before, bytes);
        }
    });

    [Theory]
    [InlineData(0, 2, MediaMessageError.UnsupportedVersion)]
    [InlineData(0, 0, MediaMessageError.UnsupportedVersion)]
    [InlineData(1, 3, MediaMessageError.UnknownKind)]
    [InlineData(1, 0, MediaMessageError.UnknownKind)]
    [InlineData(2, 43, MediaMessageError.BadHeaderLength)]
    [InlineData(3, 255, MediaMessageError.Truncated)]
    [InlineData(34, 1, MediaMessageError.TrailingBytes)]
    [InlineData(34, 3, MediaMessageError.Truncated)]
    public void A_wrong_byte_in_the_header_is_named(int offset, byte value, MediaMessageError expected)
    {
        byte[] bytes = Sample.Write();
        bytes[offset] = value;
        Assert.Equal(expected, Error(bytes));
    }

    [Theory, InlineData(0), InlineData(-1), InlineData(384_001)]
    public void A_sample_rate_that_no_audio_has_is_refused(int rate) =>
        Assert.Equal(MediaMessageError.BadSampleRate, Error((Sample with { Header = Header with { SampleRate = rate } }).Write()));

    [Fact]
    public void Half_a_sample_of_l16_is_refused()
    {
        var run = new Content.Run(new RunHeader { Position = 0, Ssrc = 0, Timestamp = 0, Codec = MediaCodec.L16 }, [1, 2, 3]);
        Assert.Equal(MediaMessageError.OddPayload, Error((Sample with { Sections = [new(0, SectionFlags.None, 9, [run], [])] }).Write()));
    }

    [Fact]
    public void Bytes_after_the_last_section_are_refused() => Assert.Equal(MediaMessageError.TrailingBytes, Error([.. Sample.Write(), 0]));

    [Fact]
    public void What_a_later_version_adds_to_the_header_is_skipped()
    {
        byte[] bytes = Sample.Write();
        int length = BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(2));
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(2), (ushort)(length + 3));
        byte[] longer = [.. bytes[..length], 1, 2, 3, .. bytes[length..]];
        Assert.True(MediaMessage.TryParse(longer, out var message, out _));
        Assert.Equal(Sample.ToString(), Content.Read(message).ToString());
    }

    [Fact]
    public void The_longest_call_id_is_written_and_read_and_one_byte_more_is_refused_on_both_sides()
    {
        string longest = new('x', MediaLayout.MaxCallIdBytes);
        byte[] bytes = new Content(Header, longest, []).Write();
        Assert.True(MediaMessage.TryParse(bytes, out var message, out _));
        Assert.Equal(longest, message.CallId);

        Assert.Throws<ArgumentException>(() => new Content(Header, longest + "x", []).Write());
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(2), (ushort)(bytes.Length + 1));
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(32), MediaLayout.MaxCallIdBytes + 1);
        Assert.Equal(MediaMessageError.CallIdTooLong, Error([.. bytes, (byte)'x']));
    }

    [Fact]
    public void A_payload_can_be_appended_piece_by_piece()
    {
        using var buffer = new MediaBuffer(capacity: 1);
        var writer = new MediaMessageWriter(buffer, Header, "call");
        writer.BeginSection(0, SectionFlags.None, 100);
        writer.BeginRun(new RunHeader { Position = 0, Ssrc = 1, Timestamp = 2, Codec = MediaCodec.Pcma });
        for (byte i = 0; i < 3; i++)
            writer.AppendPayload(2).Fill(i);
        Assert.True(MediaMessage.TryParse(buffer.Memory.Span, out var message, out _));
        Assert.Equal([0, 0, 1, 1, 2, 2], Assert.Single(Assert.Single(Content.Read(message).Sections).Runs).Payload);
    }

    private static MediaMessageError Error(byte[] bytes)
    {
        Assert.False(MediaMessage.TryParse(bytes, out _, out var error));
        return error;
    }

    private static void Walk(byte[] bytes)
    {
        if (MediaMessage.TryParse(bytes, out var message, out var error))
            Content.Read(message);
        else
            Assert.NotEqual(MediaMessageError.None, error);
    }
}
