using CallMirror.Audio.Wav;
using CallMirror.TestKit;

namespace CallMirror.Audio.Tests.Wav;

public sealed class WavHeaderTests
{
    [Fact]
    public void A_mono_header_of_one_second_at_16_kHz_is_these_44_bytes()
    {
        var header = new byte[WavHeader.Size];
        Assert.True(WavHeader.Write(header, 16_000, 1, 32_000));
        Assert.Equal(
            "52494646247D000057415645666D74201000000001000100803E0000007D00000200100064617461007D0000",
            Convert.ToHexString(header));
    }

    [Fact]
    public void A_stereo_header_counts_four_bytes_a_frame()
    {
        var header = new byte[WavHeader.Size];
        Assert.True(WavHeader.Write(header, 8_000, 2, 64));
        Assert.Equal(
            "524946466400000057415645666D74201000000001000200401F0000007D0000040010006461746140000000",
            Convert.ToHexString(header));
    }

    [Fact]
    public void What_is_written_is_read_back() => Properties.Hold<(int Rate, bool Stereo, uint Bytes)>(drawn =>
    {
        int rate = Math.Max(1, Math.Abs(drawn.Rate % 400_000));
        int channels = drawn.Stereo ? 2 : 1;
        var header = new byte[WavHeader.Size];
        return WavHeader.Write(header, rate, channels, drawn.Bytes)
            && WavReader.TryParse(header, out var read, out var error)
            && error == WavError.None
            && read == new WavFile(WavEncoding.Pcm16, rate, channels, WavHeader.Size, drawn.Bytes);
    });

    [Theory]
    [InlineData(WavHeader.MaxDataBytes, true)]
    [InlineData(WavHeader.MaxDataBytes + 1, false)]
    [InlineData(long.MaxValue, false)]
    public void More_than_4_GiB_are_stated_as_the_most_there_can_be_and_reported(long dataBytes, bool whole)
    {
        var header = new byte[WavHeader.Size];
        Assert.Equal(whole, WavHeader.Write(header, 16_000, 2, dataBytes));
        Assert.Equal(0xFFFF_FFFC, BitConverter.ToUInt32(header, 4));
        Assert.Equal(0xFFFF_FFD8, BitConverter.ToUInt32(header, 40));
    }

    [Theory]
    [InlineData(0, 1, 0)]
    [InlineData(16_000, 0, 0)]
    [InlineData(16_000, 3, 0)]
    [InlineData(16_000, 1, -1)]
    public void Numbers_that_no_caller_may_pass_are_refused(int rate, int channels, long dataBytes) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => WavHeader.Write(new byte[WavHeader.Size], rate, channels, dataBytes));

    [Fact]
    public void Room_for_less_than_a_header_is_refused() =>
        Assert.Throws<ArgumentException>(() => WavHeader.Write(new byte[WavHeader.Size - 1], 16_000, 1, 0));
}
