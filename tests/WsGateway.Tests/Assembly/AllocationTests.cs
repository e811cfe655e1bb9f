using CallMirror.Messaging.Media;
using CallMirror.WsGateway.Assembly;

namespace CallMirror.WsGateway.Tests.Assembly;

/// <summary>By itself: a collection that another test brings about counts what is left of this thread's allocation buffer as allocated.</summary>
[CollectionDefinition(nameof(AllocationTests), DisableParallelization = true)]
[Collection(nameof(AllocationTests))]
public sealed class AllocationTests
{
    private const int WarmUp = 200;
    private const int Measured = 2000;

    [Fact]
    public void Assembling_and_framing_allocates_nothing()
    {
        var deliveries = Enumerable.Range(0, WarmUp + Measured).Select(i => Chunk((uint)i)).ToArray();
        using var call = new CallAssembler(Chunks.Key, new ChunkLimits(TimeSpan.FromMilliseconds(200), 1_000_000), TimeSpan.FromSeconds(1));
        List<SettledChunk> settled = new(16);
        int frames = Run(call, settled, deliveries.AsSpan(0, WarmUp));

        long before = GC.GetAllocatedBytesForCurrentThread();
        frames += Run(call, settled, deliveries.AsSpan(WarmUp));

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        // One sample short of the last frame: the runs begin at 1.
        Assert.Equal(2 * (((WarmUp + Measured) * 5) - 1), frames);
    }

    // The first run is one sample short, so that every chunk's end falls into a frame, which is the costly case.
    private static MediaDelivery Chunk(uint i) =>
        Chunks.Chunk(i, Section.Audio(0, Math.Max(1, i * 1600), (i + 1) * 1600), Section.Audio(1, Math.Max(1, i * 1600), (i + 1) * 1600));

    private static int Run(CallAssembler call, List<SettledChunk> settled, ReadOnlySpan<MediaDelivery> deliveries)
    {
        int frames = 0;
        foreach (var delivery in deliveries)
        {
            call.TryAdd(delivery, settled, out _);
            for (int role = 0; role < CallAssembler.Roles; role++)
            {
                while (call[role].Backlog.Next().Kind == OutputKind.Frame)
                    frames++;
                call[role].Backlog.MarkFlushed();
            }

            settled.Clear();
        }

        return frames;
    }
}
