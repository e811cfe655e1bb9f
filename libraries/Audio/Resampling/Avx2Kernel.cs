using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace CallMirror.Audio.Resampling;

/// <summary>The whole block at once in 256-bit vectors: two taps a multiplication (<c>vpmaddwd</c>), four sums side by side.</summary>
internal readonly struct Avx2Kernel : IHalfBandKernel
{
    public static bool IsSupported => Avx2.IsSupported;

    public static void Run(ref short window, ref short destination)
    {
        const int lanes = 16;
        var rounding = Vector256.Create(HalfBandFilter.Half);
        // A multiplication takes samples in pairs, so one vector makes every second output; the vector one sample on makes those between.
        var (evenA, oddA, evenB, oddB) = (rounding, rounding, rounding, rounding);
        ref int pairs = ref MemoryMarshal.GetReference(HalfBandFilter.Pairs);
        for (nuint p = 0; p < HalfBandFilter.Taps / 2; p++)
        {
            var weights = Vector256.Create(Unsafe.Add(ref pairs, p)).AsInt16();
            ref short tap = ref Unsafe.Add(ref window, 2 * p);
            evenA += Avx2.MultiplyAddAdjacent(Vector256.LoadUnsafe(ref tap), weights);
            oddA += Avx2.MultiplyAddAdjacent(Vector256.LoadUnsafe(ref tap, 1), weights);
            evenB += Avx2.MultiplyAddAdjacent(Vector256.LoadUnsafe(ref tap, lanes), weights);
            oddB += Avx2.MultiplyAddAdjacent(Vector256.LoadUnsafe(ref tap, lanes + 1), weights);
        }

        ref short sample = ref Unsafe.Add(ref window, HalfBandInterpolator.Before);
        Interleaving.Store(Vector256.LoadUnsafe(ref sample), Narrow(evenA, oddA), ref destination);
        Interleaving.Store(Vector256.LoadUnsafe(ref sample, lanes), Narrow(evenB, oddB), ref Unsafe.Add(ref destination, 2 * lanes));
    }

    /// <summary>Rounds, saturates, and puts the outputs of two sums in their order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<short> Narrow(Vector256<int> even, Vector256<int> odd)
    {
        // Packing leaves four even and then four odd outputs in each half; unpacking its halves against each other alternates them.
        var packed = Avx2.PackSignedSaturate(even >> HalfBandFilter.Shift, odd >> HalfBandFilter.Shift);
        return Avx2.UnpackLow(packed, Avx2.ShiftRightLogical128BitLane(packed, 8));
    }
}
