using CallMirror.Audio.G711;
using CallMirror.TestKit;

namespace CallMirror.Audio.Tests.G711;

public sealed class DecodingTests
{
    private static readonly byte[] AllCodes = [.. Enumerable.Range(0, 256).Select(code => (byte)code)];

    [Fact]
    public void Every_A_law_code_has_the_value_that_the_Recommendation_tabulates() =>
        Assert.All(AllCodes, code => Assert.Equal(G711Tables.ALawValue(code), ALaw.Decode(code)));

    [Fact]
    public void Every_mu_law_code_has_the_value_that_the_Recommendation_tabulates() =>
        Assert.All(AllCodes, code => Assert.Equal(G711Tables.MuLawValue(code), MuLaw.Decode(code)));

    [Fact]
    public void Every_code_decodes_as_elsewhere()
    {
        string[] ours = [.. AllCodes.Select(code => $"{code},{ALaw.Decode(code)},{MuLaw.Decode(code)}")];
        Assert.Equal(Golden.Rows("g711-decode.csv").Select(row => string.Join(',', row)), ours);
    }

    [Fact]
    public void Silence_is_the_quietest_code()
    {
        Assert.Equal(8, ALaw.Decode(ALaw.Silence));
        Assert.Equal(0, MuLaw.Decode(MuLaw.Silence));
    }

    [Fact]
    public void A_span_decodes_as_its_bytes_do_whatever_its_length() => Properties.Hold<byte[]>(codes =>
    {
        byte[] source = [.. codes];
        var alaw = new short[codes.Length];
        var ulaw = new short[codes.Length];
        ALaw.Decode(source, alaw);
        MuLaw.Decode(source, ulaw);
        return source.SequenceEqual(codes)
            && alaw.SequenceEqual(codes.Select(ALaw.Decode))
            && ulaw.SequenceEqual(codes.Select(MuLaw.Decode));
    });

    [Fact]
    public void Nothing_is_written_past_the_source_s_length()
    {
        short[] destination = [1, 1, 1, 1, 1, 1, 1];
        ALaw.Decode(AllCodes.AsSpan(0, 6), destination);
        Assert.Equal(1, destination[6]);
    }

    [Fact]
    public void A_destination_that_is_too_short_is_refused_before_anything_is_written()
    {
        var destination = new short[AllCodes.Length - 1];
        Assert.Throws<ArgumentException>(() => ALaw.Decode(AllCodes, destination));
        Assert.Throws<ArgumentException>(() => MuLaw.Decode(AllCodes, destination));
        Assert.All(destination, sample => Assert.Equal(0, sample));
    }

    [Fact]
    public void Decoding_allocates_nothing()
    {
        var destination = new short[AllCodes.Length];
        Assert.Equal(0, Allocations.Of(() => ALaw.Decode(AllCodes, destination)));
        Assert.Equal(0, Allocations.Of(() => MuLaw.Decode(AllCodes, destination)));
    }
}
