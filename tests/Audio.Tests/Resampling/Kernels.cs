using CallMirror.Audio.Resampling;

namespace CallMirror.Audio.Tests.Resampling;

/// <summary>Every way to interpolate that this machine can run.</summary>
internal static class Kernels
{
    internal delegate void Interpolation(ReadOnlySpan<short> samples, int start, int count, Span<short> destination);

    internal static IReadOnlyDictionary<string, Interpolation> All { get; } = Supported();

    internal static short[] Outputs(Interpolation interpolate, ReadOnlySpan<short> samples, int start, int count)
    {
        var outputs = new short[2 * count];
        interpolate(samples, start, count, outputs);
        return outputs;
    }

    private static Dictionary<string, Interpolation> Supported()
    {
        Dictionary<string, Interpolation> kernels = new()
        {
            ["chosen"] = HalfBandInterpolator.Interpolate,
            ["scalar"] = HalfBandInterpolator.Interpolate<ScalarKernel>,
        };
        if (PortableKernel.IsSupported)
            kernels["portable"] = HalfBandInterpolator.Interpolate<PortableKernel>;
        if (Avx2Kernel.IsSupported)
            kernels["avx2"] = HalfBandInterpolator.Interpolate<Avx2Kernel>;
        return kernels;
    }
}
