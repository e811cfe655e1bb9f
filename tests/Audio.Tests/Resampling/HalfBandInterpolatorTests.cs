using CallMirror.Audio.Resampling;
using CallMirror.TestKit;
using FsCheck;
using FsCheck.Fluent;

namespace CallMirror.Audio.Tests.Resampling;

public sealed class HalfBandInterpolatorTests
{
    public static TheoryData<string> Ways => [.. Kernels.All.Keys];

    [Theory, MemberData(nameof(Ways))]
    public void Every_output_is_the_sum_that_defines_it(string way) => Properties.Hold(Signals.Any, samples =>
        Outputs(way, samples, -40, samples.Length + 80).SequenceEqual(Defined(samples, -40, samples.Length + 80)));

    [Theory, MemberData(nameof(Ways))]
    public void Rounding_and_saturation_are_as_computed_elsewhere(string way)
    {
        short[] samples = Golden.Samples("extremes-8k.pcm");
        short[] expected = Golden.Samples("extremes-16k.pcm");
        Assert.Contains(short.MaxValue, expected.Where((_, i) => i % 2 == 1));
        Assert.Contains(short.MinValue, expected.Where((_, i) => i % 2 == 1));
        Assert.Equal(expected, Outputs(way, samples, 0, samples.Length));
    }

    [Theory, MemberData(nameof(Ways))]
    public void The_outputs_are_the_same_however_the_signal_is_cut(string way) => Properties.Hold(Cuts, cut =>
    {
        var (samples, lengths) = cut;
        short[] whole = Outputs(way, samples, 0, samples.Length);
        var pieces = new List<short>();
        for (int start = 0, i = 0; start < samples.Length; start += lengths[i++ % lengths.Length])
        {
            // A piece sees no more than its context, as in a message of its own.
            int count = Math.Min(lengths[i % lengths.Length], samples.Length - start);
            int first = Math.Max(0, start - HalfBandInterpolator.Reach);
            int end = Math.Min(samples.Length, start + count + HalfBandInterpolator.Reach);
            pieces.AddRange(Outputs(way, samples.AsSpan()[first..end], start - first, count));
        }

        return pieces.SequenceEqual(whole);
    });

    [Theory, MemberData(nameof(Ways))]
    public void A_constant_stays_what_it_is(string way)
    {
        var samples = new short[200];
        foreach (short level in new short[] { short.MinValue, -12_345, -1, 0, 1, 8, 9_999, short.MaxValue })
        {
            samples.AsSpan().Fill(level);
            Assert.All(Outputs(way, samples, HalfBandInterpolator.Reach, 160), output => Assert.Equal(level, output));
        }
    }

    [Theory, MemberData(nameof(Ways))]
    public void A_tone_s_image_is_70_dB_below_it(string way)
    {
        // 0.2 s of 3,400 Hz: whole periods of tone and image, so that each is one bin of a discrete Fourier transform.
        short[] tone = [.. Enumerable.Range(0, 1600 + 64).Select(n => (short)Math.Round(30_000 * Math.Sin(2 * Math.PI * 3400 / 8000 * n)))];
        short[] outputs = Outputs(way, tone, 32, 1600);
        Assert.InRange(Level(outputs, 3400), 29_990, 30_010);
        Assert.InRange(20 * Math.Log10(Level(outputs, 4600) / Level(outputs, 3400)), double.NegativeInfinity, -70);
    }

    [Theory, MemberData(nameof(Ways))]
    public void Nothing_but_the_asked_outputs_is_written_and_the_input_is_untouched(string way)
    {
        short[] samples = [.. Enumerable.Range(1, 100).Select(n => (short)n)];
        short[] destination = [.. Enumerable.Repeat((short)-7, 2 * 50)];
        Kernels.All[way](samples, 20, 45, destination);
        Assert.All(destination[90..], untouched => Assert.Equal(-7, untouched));
        Assert.Equal(Enumerable.Range(1, 100), samples.Select(s => (int)s));
    }

    [Theory, MemberData(nameof(Ways))]
    public void What_lies_beyond_the_span_is_not_looked_at(string way)
    {
        // Every length up to three windows, between loud neighbours in the same array.
        for (int length = 0; length < 3 * HalfBandInterpolator.Window; length++)
        {
            short[] loud = [.. Enumerable.Repeat(short.MaxValue, length + 200)];
            var quiet = loud.AsSpan(100, length);
            quiet.Fill(1);
            Assert.Equal(Outputs(way, quiet.ToArray(), -20, length + 40), Outputs(way, quiet, -20, length + 40));
            Assert.Equal(Outputs("scalar", quiet.ToArray(), 0, length), Outputs(way, quiet, 0, length));
            Assert.Equal(Outputs("scalar", quiet.ToArray(), 15, length), Outputs(way, quiet, 15, length));
        }
    }

    [Theory]
    [InlineData(int.MinValue)]
    [InlineData(-1000)]
    [InlineData(1000)]
    [InlineData(int.MaxValue)]
    public void Far_outside_of_the_signal_there_is_silence(int start) =>
        Assert.All(Outputs("chosen", new short[] { 1000, 2000, 3000 }, start, 100), output => Assert.Equal(0, output));

    [Fact]
    public void A_destination_that_is_too_short_is_refused()
    {
        Assert.Throws<ArgumentException>(() => HalfBandInterpolator.Interpolate(new short[10], 0, 10, new short[19]));
        Assert.Throws<ArgumentOutOfRangeException>(() => HalfBandInterpolator.Interpolate(new short[10], 0, -1, new short[19]));
    }

    [Fact]
    public void Interpolating_allocates_nothing()
    {
        var samples = new short[837];
        var outputs = new short[2 * 837];
        Assert.All(Kernels.All.Values, way => Assert.Equal(0, Allocations.Of(() => way(samples, 0, samples.Length, outputs))));
    }

    private static Gen<(short[] Samples, int[] Lengths)> Cuts { get; } =
        (from samples in Signals.Any
         from lengths in Gen.Choose(1, 120).NonEmptyListOf()
         select (samples, lengths.ToArray()));

    private static short[] Outputs(string way, ReadOnlySpan<short> samples, int start, int count) =>
        Kernels.Outputs(Kernels.All[way], samples, start, count);

    private static IEnumerable<short> Defined(short[] samples, int start, int count)
    {
        short[] h = HalfBandFilter.Coefficients.ToArray();
        long At(int n) => n >= 0 && n < samples.Length ? samples[n] : 0;
        for (int n = start; n < start + count; n++)
        {
            yield return (short)At(n);
            long sum = h.Select((weight, k) => weight * (At(n - k) + At(n + 1 + k))).Sum();
            yield return (short)Math.Clamp(Math.Floor((sum / 16384.0) + 0.5), short.MinValue, short.MaxValue);
        }
    }

    private static double Level(short[] outputs, double hertz)
    {
        double real = outputs.Select((s, n) => s * Math.Cos(2 * Math.PI * hertz / 16_000 * n)).Sum();
        double imaginary = outputs.Select((s, n) => s * Math.Sin(2 * Math.PI * hertz / 16_000 * n)).Sum();
        return 2 * Math.Sqrt((real * real) + (imaginary * imaginary)) / outputs.Length;
    }
}
