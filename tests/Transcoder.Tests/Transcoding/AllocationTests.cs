using CallMirror.Contracts.Media;
using CallMirror.Transcoder.Transcoding;

namespace CallMirror.Transcoder.Tests.Transcoding;

public sealed class AllocationTests
{
    [Theory, InlineData(8000), InlineData(16000)]
    public void A_batch_costs_no_allocation_beyond_its_chunk(int rate)
    {
        byte[] batch = Batch.Of(1700, SectionFlags.Open, Batch.History(836, 64), Batch.New(900, 400), Batch.New(1300, 400, MediaCodec.Pcmu, ssrc: 2));
        var transcoder = new BatchTranscoder(rate);
        using var chunk = new MediaBuffer(transcoder.ChunkBytes(batch.Length));
        Assert.Equal(0, Allocated(transcoder, batch, chunk, warmUp: 100, times: 100));
    }

    [Theory, InlineData(8000), InlineData(16000)]
    public void The_chunk_fits_the_room_that_was_asked_for(int rate)
    {
        var transcoder = new BatchTranscoder(rate);
        byte[] batch = Batch.Of(100_000, SectionFlags.None, Batch.New(0, 100_000));
        using var chunk = new MediaBuffer();
        Assert.True(transcoder.TryTranscode(batch, chunk, out _));
        Assert.InRange(chunk.Length, batch.Length, transcoder.ChunkBytes(batch.Length));
    }

    private static long Allocated(BatchTranscoder transcoder, byte[] batch, MediaBuffer chunk, int warmUp, int times)
    {
        long before = 0;
        for (int i = -warmUp; i < times; i++)
        {
            if (i == 0)
                before = GC.GetAllocatedBytesForCurrentThread();
            chunk.Clear();
            if (!transcoder.TryTranscode(batch, chunk, out _))
                throw new InvalidOperationException("the batch is fine");
        }

        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
