using System.Globalization;
using CallMirror.Audio.G711;
using CallMirror.TestKit;

namespace CallMirror.Audio.Tests.G711;

public sealed class EncodingTests
{
    private static readonly short[] AllSamples = [.. Enumerable.Range(short.MinValue, 65_536).Select(sample => (short)sample)];

    [Fact]
    public void Every_sample_encodes_to_A_law_as_elsewhere() =>
        Assert.Equal(GoldenCodes("alaw"), AllSamples.Select(ALaw.Encode));

    [Fact]
    public void Every_sample_encodes_to_mu_law_as_elsewhere() =>
        Assert.Equal(GoldenCodes("ulaw"), AllSamples.Select(MuLaw.Encode));

    [Fact]
    public void Every_A_law_code_comes_back_from_its_value()
    {
        for (int code = 0; code < 256; code++)
            Assert.Equal((byte)code, ALaw.Encode(ALaw.Decode((byte)code)));
    }

    [Fact]
    public void Every_mu_law_code_comes_back_from_its_value_but_the_negative_zero()
    {
        for (int code = 0; code < 256; code++)
            Assert.Equal(code == 0x7F ? 0xFF : (byte)code, MuLaw.Encode(MuLaw.Decode((byte)code)));
    }

    [Fact]
    public void A_span_encodes_as_its_samples_do() => Properties.Hold<short[]>(samples =>
    {
        var alaw = new byte[samples.Length];
        var ulaw = new byte[samples.Length];
        ALaw.Encode(samples, alaw);
        MuLaw.Encode(samples, ulaw);
        return alaw.SequenceEqual(samples.Select(ALaw.Encode)) && ulaw.SequenceEqual(samples.Select(MuLaw.Encode));
    });

    [Fact]
    public void A_destination_that_is_too_short_is_refused()
    {
        Assert.Throws<ArgumentException>(() => ALaw.Encode(AllSamples, new byte[AllSamples.Length - 1]));
        Assert.Throws<ArgumentException>(() => MuLaw.Encode(AllSamples, new byte[AllSamples.Length - 1]));
    }

    [Fact]
    public void Encoding_allocates_nothing()
    {
        var destination = new byte[AllSamples.Length];
        Assert.Equal(0, Allocations.Of(() => ALaw.Encode(AllSamples, destination)));
        Assert.Equal(0, Allocations.Of(() => MuLaw.Encode(AllSamples, destination)));
    }

    private static byte[] GoldenCodes(string law)
    {
        var codes = new byte[AllSamples.Length];
        foreach (string[] row in Golden.Rows("g711-encode.csv").Where(row => row[0] == law))
            codes.AsSpan(int.Parse(row[1], CultureInfo.InvariantCulture) - short.MinValue).Fill(byte.Parse(row[2], CultureInfo.InvariantCulture));
        return codes;
    }
}
