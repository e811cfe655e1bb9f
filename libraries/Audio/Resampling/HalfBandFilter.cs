namespace CallMirror.Audio.Resampling;

/// <summary>The interpolator's numbers: 16 coefficients in units of 2^-14, the odd half of a 63-tap half-band filter (the even half is 1 and zeros).</summary>
/// <remarks>
/// A Kaiser window (beta 7.6) over the ideal half-band response, scaled and rounded; <c>HalfBandDesign</c> in the tests computes them again and
/// measures what they do. Integers, because integer sums come out the same on every machine and in every order.
/// </remarks>
internal static class HalfBandFilter
{
    /// <summary>Fraction bits of a coefficient.</summary>
    internal const int Shift = 14;

    /// <summary>Half a unit of the result: added first, so that the final shift rounds.</summary>
    internal const int Half = 1 << (Shift - 1);

    /// <summary>Samples that one odd output is made of.</summary>
    internal const int Taps = 2 * HalfBandInterpolator.Reach;

    /// <summary>h[k], the weight of the samples k + 1/2 away. They sum to 2^13, both sides to 2^14: a constant stays exactly what it is.</summary>
    /// <remarks>
    /// No sum of these can overflow 32 bits: both sides' magnitudes sum to 39,424, so with any 16-bit input every partial sum, in whatever order,
    /// is at most 39,424 × 32,768 + 8,192 = 1,291,853,824 away from zero, under 2^31 = 2,147,483,648.
    /// </remarks>
    internal static ReadOnlySpan<short> Coefficients => CoefficientTable;

    /// <summary>The same as neighbours in the window meet them (h[15] … h[0], h[0] … h[15]), two to an int: the first in the low half.</summary>
    internal static ReadOnlySpan<int> Pairs => PairTable;

    private static readonly short[] CoefficientTable =
        [10396, -3370, 1912, -1256, 871, -617, 437, -306, 209, -139, 89, -54, 31, -16, 7, -2];

    private static readonly int[] PairTable = BuildPairs();

    private static int[] BuildPairs()
    {
        var pairs = new int[Taps / 2];
        for (int p = 0; p < pairs.Length; p++)
            pairs[p] = (ushort)AtTap(2 * p) | (AtTap((2 * p) + 1) << 16);
        return pairs;
    }

    private static short AtTap(int tap) => tap < Coefficients.Length
        ? Coefficients[Coefficients.Length - 1 - tap]
        : Coefficients[tap - Coefficients.Length];
}
