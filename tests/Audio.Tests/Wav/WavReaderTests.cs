using CallMirror.Audio.Wav;
using CallMirror.TestKit;
using FsCheck;
using FsCheck.Fluent;
using static CallMirror.Audio.Tests.Wav.WavBytes;

namespace CallMirror.Audio.Tests.Wav;

public sealed class WavReaderTests
{
    private static readonly byte[] Pcm = Fmt(1, 1, 8000, 16);
    private static readonly byte[] FourBytes = Chunk("data", 1, 2, 3, 4);

    public static TheoryData<WavError, byte[]> Unreadable => new()
    {
        { WavError.Truncated, [] },
        { WavError.Truncated, [.. "RIFF"u8, 4, 0, 0, 0, .. "WAV"u8] },
        { WavError.NotRiff, [.. "RIFX"u8, 4, 0, 0, 0, .. "WAVE"u8] },
        { WavError.NotRiff, [.. "ID3"u8] },
        { WavError.NotWave, [.. "RIFF"u8, 4, 0, 0, 0, .. "AVI "u8] },
        { WavError.FormatMissing, File(FourBytes, Pcm) },
        { WavError.FormatTooShort, File(Chunk("fmt ", Pcm[8..23]), FourBytes) },
        { WavError.FormatTooShort, File(Fmt(0xFFFE, 1, 8000, 16), FourBytes) },
        { WavError.UnsupportedEncoding, File(Fmt(0x55, 1, 8000, 16), FourBytes) },
        { WavError.UnsupportedEncoding, File(Fmt(0xFFFE, 1, 8000, 16, more: SubFormat(3)), FourBytes) },
        { WavError.UnsupportedEncoding, File(Fmt(0xFFFE, 1, 8000, 16, more: [.. PcmGuid[..^1], 0x72]), FourBytes) },
        { WavError.UnsupportedSampleSize, File(Fmt(1, 1, 8000, 8), FourBytes) },
        { WavError.UnsupportedSampleSize, File(Fmt(6, 1, 8000, 16), FourBytes) },
        { WavError.ContradictoryFormat, File(Fmt(1, 0, 8000, 16), FourBytes) },
        { WavError.ContradictoryFormat, File(Fmt(1, 1, 0, 16), FourBytes) },
        { WavError.ContradictoryFormat, File(Fmt(1, 1, 0x8000_0000, 16), FourBytes) },
        { WavError.ContradictoryFormat, File(Fmt(1, 2, 8000, 16, frameBytes: 2), FourBytes) },
        { WavError.DataMissing, File(Pcm) },
        { WavError.DataMissing, File(Pcm, Chunk("LIST", 1, 2, 3)) },
        { WavError.Truncated, File(Pcm, Chunk("LIST", 1, 2, 3, 4))[..^1] },
        { WavError.Truncated, File(Pcm, FourBytes)[..^5] },
        { WavError.Truncated, File(Pcm)[..^1] },
    };

    [Theory, MemberData(nameof(Unreadable))]
    public void What_can_t_be_read_gets_its_reason(WavError expected, byte[] file)
    {
        Assert.False(WavReader.TryParse(file, out var value, out var error));
        Assert.Equal(expected, error);
        Assert.Equal(default, value);
    }

    [Theory]
    [InlineData(1, 16, WavEncoding.Pcm16)]
    [InlineData(6, 8, WavEncoding.ALaw)]
    [InlineData(7, 8, WavEncoding.MuLaw)]
    public void Plain_and_extensible_formats_are_read(int format, int bits, WavEncoding encoding)
    {
        byte[] plain = File(Fmt(format, 2, 44_100, bits), FourBytes);
        byte[] extensible = File(Fmt(0xFFFE, 2, 44_100, bits, more: SubFormat(format)), FourBytes);
        Assert.Equal(new WavFile(encoding, 44_100, 2, 44, 4), Read(plain));
        Assert.Equal(new WavFile(encoding, 44_100, 2, 68, 4), Read(extensible));
    }

    [Fact]
    public void Unknown_chunks_are_skipped_with_their_padding()
    {
        byte[] file = File(Chunk("bext", 1, 2, 3), Pcm, Chunk("fact", 4, 0, 0, 0), Chunk("LIST", 9), FourBytes, Chunk("id3 ", 7, 7));
        Assert.Equal(new byte[] { 1, 2, 3, 4 }, Read(file).Data(file).ToArray());
    }

    [Fact]
    public void Half_a_frame_at_the_end_is_not_data()
    {
        byte[] file = File(Fmt(1, 2, 8000, 16), Chunk("data", 1, 2, 3, 4, 5, 6));
        Assert.Equal(new byte[] { 1, 2, 3, 4 }, Read(file).Data(file).ToArray());
    }

    [Fact]
    public void A_file_cut_off_in_its_samples_gives_those_that_are_there()
    {
        byte[] file = File(Pcm, Chunk("data", 1, 2, 3, 4, 5, 6))[..^1];
        Assert.Equal(new byte[] { 1, 2, 3, 4 }, Read(file).Data(file).ToArray());
    }

    [Fact]
    public void A_recording_whose_size_was_never_written_is_read_to_its_end()
    {
        byte[] file = File(Pcm, FourBytes);
        file.AsSpan(4, 4).Clear();
        file.AsSpan(40, 4).Fill(0xFF);
        Assert.Equal(new byte[] { 1, 2, 3, 4 }, Read(file).Data(file).ToArray());
    }

    [Fact]
    public void Data_of_nothing_is_nothing() => Assert.Equal(0, default(WavFile).Data([1, 2, 3]).Length);

    [Fact]
    public void Damaged_and_cut_files_never_throw_and_are_not_touched() => Properties.Hold(Damaged, file =>
    {
        byte[] before = [.. file];
        bool read = WavReader.TryParse(file, out var value, out var error);
        bool again = WavReader.TryParse(file, out var second, out var secondError);
        return (read, value, error) == (again, second, secondError)
            && file.SequenceEqual(before)
            && read == (error == WavError.None)
            && value.Data(file).Length <= file.Length;
    });

    [Fact]
    public void Reading_allocates_nothing()
    {
        byte[] file = File(Pcm, FourBytes);
        Assert.Equal(0, Allocations.Of(() => Assert.True(WavReader.TryParse(file, out _, out _))));
    }

    /// <summary>A good file with a few bytes replaced, half the time cut off somewhere.</summary>
    private static Gen<byte[]> Damaged { get; } =
        (from junk in ArbMap.Default.GeneratorFor<byte[]>()
         let whole = File(Chunk("LIST", junk), Fmt(0xFFFE, 2, 8000, 16, more: PcmGuid), Chunk("data", junk))
         from places in Gen.Choose(0, whole.Length - 1).ListOf()
         from value in Gen.Elements<byte>(0x00, 0x01, 0x7F, 0x80, 0xFF)
         from cut in Gen.OneOf(Gen.Constant(whole.Length), Gen.Choose(0, whole.Length))
         select Damage(whole, places.Take(4), value)[..cut]);

    private static byte[] Damage(byte[] file, IEnumerable<int> places, byte value)
    {
        foreach (int place in places)
            file[place] = value;
        return file;
    }

    private static WavFile Read(byte[] file)
    {
        Assert.True(WavReader.TryParse(file, out var value, out var error), error.ToString());
        return value;
    }
}
