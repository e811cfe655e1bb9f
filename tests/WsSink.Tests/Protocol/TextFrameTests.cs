using System.Text;
using CallMirror.TestKit;
using CallMirror.WsSink.Protocol;

namespace CallMirror.WsSink.Tests.Protocol;

public sealed class TextFrameTests
{
    private static readonly byte[] Start = Encoding.UTF8.GetBytes(SinkClient.Start("a-0", 5).ToJsonString());

    [Fact]
    public void Any_bytes_at_all_are_read_or_refused_and_left_as_they_were() =>
        Properties.Hold<byte[]>(bytes => IsHandled(bytes ?? []));

    [Fact]
    public void A_start_with_any_one_byte_changed_is_read_or_refused()
    {
        for (var i = 0; i < Start.Length; i++)
        {
            foreach (var value in "\"{}[]:,0-.\\\0e\u00ff")
            {
                var bytes = Start.ToArray();
                bytes[i] = (byte)value;
                Assert.True(IsHandled(bytes));
            }
        }
    }

    [Fact]
    public void A_start_cut_anywhere_is_no_JSON()
    {
        for (var length = 0; length < Start.Length; length++)
        {
            Assert.False(TextFrame.TryParse(Start.AsSpan(0, length), out _, out var error));
            Assert.Equal(Refusal.InvalidJson, error);
        }
        Assert.True(TextFrame.TryParse(Start, out var frame, out _));
        Assert.Equal((FrameKind.Start, "a-0", 5), (frame.Kind, frame.Tag, frame.Position));
    }

    [Fact]
    public void Every_refusal_has_a_word_a_status_and_a_reason_that_fits_a_close_frame()
    {
        var refusals = Enum.GetValues<Refusal>();
        Assert.Equal(refusals.Length, refusals.Select(refusal => refusal.Word()).Distinct().Count());
        foreach (var refusal in refusals.Where(refusal => refusal != Refusal.None))
        {
            Assert.InRange(Encoding.UTF8.GetByteCount(refusal.Reason()), refusal.Word().Length + 10, 123);
            Assert.InRange((int)refusal.Status(), 1001, 1013);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(long.MaxValue)]
    public void An_ack_is_JSON_with_its_position(long position)
    {
        var bytes = new byte[Ack.MaxBytes];
        var length = Ack.Write(position, bytes);
        Assert.Equal($$"""{"type":"ack","position":{{position}}}""", Encoding.UTF8.GetString(bytes, 0, length));
    }

    private static bool IsHandled(byte[] bytes)
    {
        var before = bytes.ToArray();
        var read = TextFrame.TryParse(bytes, out var frame, out var error);
        return read == (error == Refusal.None) && read == (frame is not null && error == Refusal.None) && bytes.AsSpan().SequenceEqual(before);
    }
}
