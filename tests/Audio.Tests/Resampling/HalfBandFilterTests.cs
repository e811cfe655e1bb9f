using CallMirror.Audio.Resampling;

namespace CallMirror.Audio.Tests.Resampling;

public sealed class HalfBandFilterTests
{
    private static readonly double[] PassBand = [.. Enumerable.Range(0, 3401).Select(hertz => (double)hertz)];

    [Fact]
    public void The_coefficients_are_those_the_design_gives() =>
        Assert.Equal(HalfBandDesign.Coefficients(HalfBandInterpolator.Reach, HalfBandFilter.Shift), HalfBandFilter.Coefficients.ToArray());

    [Fact]
    public void Images_of_the_telephone_band_are_74_dB_down()
    {
        // Even outputs have a gain of 1, odd ones of g: half their sum is the signal, half their difference its image, mirrored at 4 kHz.
        double worst = PassBand.Max(hertz => Decibels(Math.Abs(1 - OddGain(hertz)) / (1 + OddGain(hertz))));
        Assert.InRange(worst, double.NegativeInfinity, -74);
    }

    [Fact]
    public void The_telephone_band_keeps_its_level_within_a_hundredth_of_a_decibel() =>
        Assert.All(PassBand, hertz => Assert.InRange(Decibels((1 + OddGain(hertz)) / 2), -0.01, 0.01));

    [Fact]
    public void Both_sides_sum_to_exactly_one() =>
        Assert.Equal(1 << HalfBandFilter.Shift, 2 * HalfBandFilter.Coefficients.ToArray().Sum(h => h));

    [Fact]
    public void No_input_can_overflow_the_32_bit_sums()
    {
        long magnitudes = 2L * HalfBandFilter.Coefficients.ToArray().Sum(h => Math.Abs((int)h));
        long largest = (magnitudes * -short.MinValue) + HalfBandFilter.Half;
        Assert.Equal(1_291_853_824, largest);
        Assert.InRange(largest, 0, int.MaxValue);
    }

    private static double OddGain(double hertz) => HalfBandDesign.OddGain(HalfBandFilter.Coefficients, HalfBandFilter.Shift, hertz);

    private static double Decibels(double ratio) => 20 * Math.Log10(ratio);
}
