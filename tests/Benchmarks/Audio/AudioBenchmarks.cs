using BenchmarkDotNet.Attributes;
using CallMirror.Audio.G711;
using CallMirror.Audio.Resampling;

namespace CallMirror.Benchmarks.Audio;

/// <summary>A-law at 8 kHz to L16 at 16 kHz as a transcoder does it: 100 ms, 800 codes, with their context, into one reused buffer.</summary>
/// <remarks>Time and memory are reported for one input sample.</remarks>
[MemoryDiagnoser]
public class AudioBenchmarks
{
    private const int Block = 800;
    private const int Reach = HalfBandInterpolator.Reach;
    private const int BlocksInARun = 100;
    private const int SamplesInARun = BlocksInARun * Block;

    private readonly byte[] codes = new byte[Reach + SamplesInARun + Reach];
    private readonly short[] decoded = new short[Reach + Block + Reach];
    private readonly short[] outputs = new short[2 * Block];

    [GlobalSetup]
    public void Setup() => new Random(1).NextBytes(codes);

    [Benchmark(Baseline = true, OperationsPerInvoke = SamplesInARun)]
    public void ALawToL16At16kHz()
    {
        for (int i = 0; i < BlocksInARun; i++)
            G711Upsampler.Decode(G711Law.ALaw, BlockWithContext(i), Reach, Block, outputs);
    }

    [Benchmark(OperationsPerInvoke = SamplesInARun)]
    public void ALawToL16At16kHzInTwoSteps()
    {
        for (int i = 0; i < BlocksInARun; i++)
        {
            ALaw.Decode(BlockWithContext(i), decoded);
            HalfBandInterpolator.Interpolate(decoded, Reach, Block, outputs);
        }
    }

    [Benchmark(OperationsPerInvoke = SamplesInARun)]
    public void ALawToL16At8kHz()
    {
        for (int i = 0; i < BlocksInARun; i++)
            ALaw.Decode(BlockWithContext(i), decoded);
    }

    [Benchmark(OperationsPerInvoke = SamplesInARun)]
    public void InTwoStepsWith128BitVectors()
    {
        for (int i = 0; i < BlocksInARun; i++)
        {
            ALaw.Decode(BlockWithContext(i), decoded);
            HalfBandInterpolator.Interpolate<PortableKernel>(decoded, Reach, Block, outputs);
        }
    }

    [Benchmark(OperationsPerInvoke = SamplesInARun)]
    public void InTwoStepsWithoutVectors()
    {
        for (int i = 0; i < BlocksInARun; i++)
        {
            ALaw.Decode(BlockWithContext(i), decoded);
            HalfBandInterpolator.Interpolate<ScalarKernel>(decoded, Reach, Block, outputs);
        }
    }

    private ReadOnlySpan<byte> BlockWithContext(int index) => codes.AsSpan(index * Block, Reach + Block + Reach);
}
