namespace CallMirror.Audio.Tests.Resampling;

/// <summary>How the interpolator's coefficients were designed. Run by a test, so that procedure and integers stay together.</summary>
/// <remarks>
/// 1. The ideal half-band interpolator weighs a sample at distance d = k + 1/2 with sin(πd) / (πd).
/// 2. A Kaiser window of beta 7.6, reaching one tap past the last, cuts it to 16 coefficients a side. Of beta 5 to 9 in steps of 0.2, 7.6 has the
///    lowest images for input up to 3.4 kHz: -74.7 dB.
/// 3. Scaled so that both sides sum to 1, rounded to units of 2^-14 (with 2^-15, loud input could overflow 32 bits).
/// 4. What rounding has added to or taken from the sum goes to the largest coefficient, so that the sum is exact.
/// </remarks>
internal static class HalfBandDesign
{
    private const double Beta = 7.6;

    internal static short[] Coefficients(int count, int fractionBits)
    {
        double[] ideal = [.. Enumerable.Range(0, count).Select(k => Sinc(k + 0.5) * Kaiser((k + 0.5) / count))];
        double unit = 2 * ideal.Sum() / (1 << fractionBits);
        int[] rounded = [.. ideal.Select(h => (int)Math.Round(h / unit))];
        rounded[0] += (1 << (fractionBits - 1)) - rounded.Sum();
        return [.. rounded.Select(h => (short)h)];
    }

    /// <summary>Gain of the odd outputs at a frequency, of input sampled at 8 kHz: the even ones' is 1, so wanted is 1 in the pass-band.</summary>
    internal static double OddGain(ReadOnlySpan<short> coefficients, int fractionBits, double hertz)
    {
        double gain = 0;
        for (int k = 0; k < coefficients.Length; k++)
            gain += 2 * coefficients[k] * Math.Cos(2 * Math.PI * hertz / 8000 * (k + 0.5));
        return gain / (1 << fractionBits);
    }

    private static double Sinc(double d) => Math.Sin(Math.PI * d) / (Math.PI * d);

    private static double Kaiser(double x) => BesselI0(Beta * Math.Sqrt(1 - (x * x))) / BesselI0(Beta);

    private static double BesselI0(double x)
    {
        double sum = 1;
        double term = 1;
        for (int k = 1; term > 1e-18 * sum; k++)
            sum += term *= x / 2 / k * (x / 2 / k);
        return sum;
    }
}
