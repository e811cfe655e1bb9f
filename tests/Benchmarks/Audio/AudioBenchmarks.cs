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

    private readonly byte[] _codes = new byte[Reach + SamplesInARun + Reach];
    private readonly short[] _decoded = new short[Reach + Block + Reach];
    private readonly short[] _outputs = new short[2 * Block];

    [GlobalSetup]
    public void Setup() => new Random(1).NextBytes(_codes);

    [Benchmark(Baseline = true, OperationsPerInvoke = SamplesInARun)]
    public void ALawToL16At16kHz()
    {
        for (int i = 0; i < BlocksInARun; i++)
            G711Upsampler.Decode(G711Law.ALaw, BlockWithContext(i), Reach, Block, _outputs);
    }

    [Benchmark(OperationsPerInvoke = SamplesInARun)]
    public void ALawToL16At16kHzInTwoSteps()
    {
        for (int i = 0; i < BlocksInARun; i++)
        {
            ALaw.Decode(BlockWithContext(i), _decoded);
            HalfBandInterpolator.Interpolate(_decoded, Reach, Block, _outputs);
        }
    }

    [Benchmark(OperationsPerInvoke = SamplesInARun)]
    public void ALawToL16At8kHz()
    {
        for (int i = 0; i < BlocksInARun; i++)
            ALaw.Decode(BlockWithContext(i), _decoded);
    }

    [Benchmark(OperationsPerInvoke = SamplesInARun)]
    public void InTwoStepsWith128BitVectors()
    {
        for (int i = 0; i < BlocksInARun; i++)
        {
            ALaw.Decode(BlockWithContext(i), _decoded);
            HalfBandInterpolator.Interpolate<PortableKernel>(_decoded, Reach, Block, _outputs);
        }
    }

    [Benchmark(OperationsPerInvoke = SamplesInARun)]
    public void InTwoStepsWithoutVectors()
    {
        for (int i = 0; i < BlocksInARun; i++)
        {
            ALaw.Decode(BlockWithContext(i), _decoded);
            HalfBandInterpolator.Interpolate<ScalarKernel>(_decoded, Reach, Block, _outputs);
        }
    }

    private ReadOnlySpan<byte> BlockWithContext(int index) => _codes.AsSpan(index * Block, Reach + Block + Reach);
}
