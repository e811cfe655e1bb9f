using System.Runtime.CompilerServices;

namespace CallMirror.Audio.Resampling;

/// <summary>The definition, one output at a time: what the other kernels are compared with, and what runs where there are no vectors.</summary>
internal readonly struct ScalarKernel : IHalfBandKernel
{
    public static bool IsSupported => true;

    public static void Run(ref short window, ref short destination)
    {
        for (int i = 0; i < HalfBandInterpolator.Block; i++)
        {
            ref short sample = ref Unsafe.Add(ref window, HalfBandInterpolator.Before + i);
            Unsafe.Add(ref destination, 2 * i) = sample;
            Unsafe.Add(ref destination, (2 * i) + 1) = Between(ref sample);
        }
    }

    private static short Between(ref short sample)
    {
        var coefficients = HalfBandFilter.Coefficients;
        int sum = HalfBandFilter.Half;
        for (int k = 0; k < coefficients.Length; k++)
            sum += coefficients[k] * (Unsafe.Add(ref sample, -k) + Unsafe.Add(ref sample, k + 1));
        return (short)Math.Clamp(sum >> HalfBandFilter.Shift, short.MinValue, short.MaxValue);
    }
}
