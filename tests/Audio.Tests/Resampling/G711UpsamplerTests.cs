using CallMirror.Audio.G711;
using CallMirror.Audio.Resampling;
using CallMirror.TestKit;

namespace CallMirror.Audio.Tests.Resampling;

public sealed class G711UpsamplerTests
{
    [Theory]
    [InlineData(G711Law.ALaw, "speech.alaw", "speech-alaw-16k.pcm")]
    [InlineData(G711Law.MuLaw, "speech.ulaw", "speech-ulaw-16k.pcm")]
    public void Speech_comes_out_as_computed_elsewhere(G711Law law, string codes, string expected)
    {
        byte[] source = Golden.Bytes(codes);
        Assert.Equal(Golden.Samples(expected), Decode(law, source, 0, source.Length));
    }

    [Theory]
    [InlineData(G711Law.ALaw)]
    [InlineData(G711Law.MuLaw)]
    public void It_is_decoding_and_then_interpolating(G711Law law) => Properties.Hold<(byte[] Codes, int Start, ushort Count)>(drawn =>
    {
        // Longer than a block now and then, so that the seam between two is met as well.
        byte[] codes = [.. Enumerable.Repeat(drawn.Codes, 40).SelectMany(c => c)];
        int count = drawn.Count % 3000;
        var samples = new short[codes.Length];
        var expected = new short[2 * count];
        if (law == G711Law.ALaw)
            ALaw.Decode(codes, samples);
        else
            MuLaw.Decode(codes, samples);
        HalfBandInterpolator.Interpolate(samples, drawn.Start, count, expected);
        return Decode(law, codes, drawn.Start, count).SequenceEqual(expected);
    });

    [Theory]
    [InlineData(160)]
    [InlineData(800)]
    [InlineData(1600)]
    public void Windows_of_any_length_make_the_same_speech(int window)
    {
        byte[] codes = Golden.Bytes("speech.alaw");
        var outputs = new List<short>();
        for (int start = 0; start < codes.Length; start += window)
        {
            int first = Math.Max(0, start - HalfBandInterpolator.Reach);
            int end = Math.Min(codes.Length, start + window + HalfBandInterpolator.Reach);
            outputs.AddRange(Decode(G711Law.ALaw, codes.AsSpan()[first..end], start - first, Math.Min(window, codes.Length - start)));
        }

        Assert.Equal(Golden.Samples("speech-alaw-16k.pcm"), outputs);
    }

    [Theory]
    [InlineData(int.MinValue)]
    [InlineData(-5000)]
    [InlineData(5000)]
    [InlineData(int.MaxValue)]
    public void Far_outside_of_the_signal_there_is_silence(int start) =>
        Assert.All(Decode(G711Law.ALaw, Golden.Bytes("speech.alaw").AsSpan(0, 3000), start, 1500), output => Assert.Equal(0, output));

    [Fact]
    public void It_allocates_nothing()
    {
        byte[] codes = Golden.Bytes("speech.alaw");
        var outputs = new short[2 * codes.Length];
        Assert.Equal(0, Allocations.Of(() => G711Upsampler.Decode(G711Law.ALaw, codes, 0, codes.Length, outputs)));
    }

    [Fact]
    public void A_destination_that_is_too_short_is_refused() =>
        Assert.Throws<ArgumentException>(() => G711Upsampler.Decode(G711Law.ALaw, new byte[10], 0, 10, new short[19]));

    private static short[] Decode(G711Law law, ReadOnlySpan<byte> codes, int start, int count)
    {
        var outputs = new short[2 * count];
        G711Upsampler.Decode(law, codes, start, count, outputs);
        return outputs;
    }
}
