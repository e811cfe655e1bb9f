using System.Runtime.CompilerServices;
using CallMirror.Audio.G711;

namespace CallMirror.Audio.Resampling;

/// <summary>G.711 at 8 kHz to L16 at 16 kHz in one step: what <see cref="HalfBandInterpolator"/> makes of the decoded samples, without a buffer for them.</summary>
public static class G711Upsampler
{
    // Decoded samples wait for the interpolator in 2 KiB of stack, which the first-level cache holds beside the table and the output.
    private const int Block = 32 * HalfBandInterpolator.Block;
    private const int BeforeBlock = HalfBandInterpolator.Reach;
    private const int Room = BeforeBlock + Block + HalfBandInterpolator.Reach;

    /// <summary>Writes two samples for each code from <paramref name="start"/> on.</summary>
    /// <param name="law">The law of the codes.</param>
    /// <param name="codes">The coded signal with what context there is (<see cref="HalfBandInterpolator.Reach"/> each side); outside of it there is silence.</param>
    /// <param name="start">Index of the first code to write samples for; may lie outside of <paramref name="codes"/>.</param>
    /// <param name="count">How many codes to write samples for.</param>
    /// <param name="destination">Receives 2 × <paramref name="count"/> samples.</param>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is too short.</exception>
    [SkipLocalsInit]
    public static void Decode(G711Law law, ReadOnlySpan<byte> codes, int start, int count, Span<short> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        Lengths.Require(destination.Length, 2L * count);
        Span<short> samples = stackalloc short[Room];
        for (int done = 0; done < count; done += Block)
        {
            int length = Math.Min(Block, count - done);
            long from = (long)start + done - BeforeBlock;
            long first = Math.Clamp(from, 0, codes.Length);
            long end = Math.Clamp(from + BeforeBlock + length + HalfBandInterpolator.Reach, first, codes.Length);
            var context = samples[..(int)(end - first)];
            Decode(law, codes[(int)first..(int)end], context);
            HalfBandInterpolator.Interpolate(context, (int)(from + BeforeBlock - first), length, destination[(2 * done)..]);
        }
    }

    private static void Decode(G711Law law, ReadOnlySpan<byte> codes, Span<short> samples)
    {
        if (law == G711Law.ALaw)
            ALaw.Decode(codes, samples);
        else
            MuLaw.Decode(codes, samples);
    }
}
