using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace CallMirror.Audio.Resampling;

/// <summary>Eight outputs at a time in 128-bit vectors that every 64-bit processor has (SSE, NEON).</summary>
internal readonly struct PortableKernel : IHalfBandKernel
{
    public static bool IsSupported => Interleaving.IsVectorised;

    public static void Run(ref short window, ref short destination)
    {
        for (nuint i = 0; i < HalfBandInterpolator.Block; i += (nuint)Vector128<short>.Count)
        {
            ref short sample = ref Unsafe.Add(ref window, HalfBandInterpolator.Before + i);
            Interleaving.Store(Vector128.LoadUnsafe(ref sample), Between(ref sample), ref Unsafe.Add(ref destination, 2 * i));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<short> Between(ref short sample)
    {
        var coefficients = HalfBandFilter.Coefficients;
        var low = Vector128.Create(HalfBandFilter.Half);
        var high = low;
        for (int k = 0; k < coefficients.Length; k++)
        {
            var weight = Vector128.Create((int)coefficients[k]);
            var (leftLow, leftHigh) = Vector128.Widen(Vector128.LoadUnsafe(ref Unsafe.Add(ref sample, -k)));
            var (rightLow, rightHigh) = Vector128.Widen(Vector128.LoadUnsafe(ref Unsafe.Add(ref sample, k + 1)));
            low += (leftLow + rightLow) * weight;
            high += (leftHigh + rightHigh) * weight;
        }

        return Vector128.NarrowWithSaturation(low >> HalfBandFilter.Shift, high >> HalfBandFilter.Shift);
    }
}
