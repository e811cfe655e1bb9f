using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace CallMirror.Audio.Wav;

/// <summary>Two mono signals as one stereo signal.</summary>
public static class Stereo
{
    /// <summary>Writes left and right samples in turns, as a WAV of two channels has them.</summary>
    /// <param name="left">One sample a frame.</param>
    /// <param name="right">As many samples as <paramref name="left"/>.</param>
    /// <param name="destination">Receives two samples a frame; must not overlap either source.</param>
    /// <exception cref="ArgumentException">The channels differ in length, or <paramref name="destination"/> is too short.</exception>
    public static void Interleave(ReadOnlySpan<short> left, ReadOnlySpan<short> right, Span<short> destination)
    {
        if (left.Length != right.Length)
            throw new ArgumentException("Both channels must have the same number of samples.");
        Lengths.Require(destination.Length, 2L * left.Length);

        int done = Interleaving.IsVectorised ? InterleaveVectors(left, right, destination) : 0;
        for (; done < left.Length; done++)
        {
            destination[2 * done] = left[done];
            destination[(2 * done) + 1] = right[done];
        }
    }

    private static int InterleaveVectors(ReadOnlySpan<short> left, ReadOnlySpan<short> right, Span<short> destination)
    {
        ref short from = ref MemoryMarshal.GetReference(left);
        ref short other = ref MemoryMarshal.GetReference(right);
        ref short to = ref MemoryMarshal.GetReference(destination);
        int whole = left.Length & -Vector256<short>.Count;
        for (nuint i = 0; i < (nuint)whole; i += (nuint)Vector256<short>.Count)
            Interleaving.Store(Vector256.LoadUnsafe(ref from, i), Vector256.LoadUnsafe(ref other, i), ref Unsafe.Add(ref to, 2 * i));
        return whole;
    }
}
