using System.Buffers.Binary;
using CallMirror.Protocols.Packets;
using CallMirror.TestKit;

namespace CallMirror.Capture.Tests.Engine;

[CollectionDefinition(nameof(AllocationTests), DisableParallelization = true)]
[Collection(nameof(AllocationTests))]
public sealed class AllocationTests
{
    // As many messages of one window as the shared array pool keeps for one core.
    private const int Calls = 30;
    private const int FrameHeaders = 14 + 20 + 8;

    private readonly Line _line = new();
    private readonly byte[][] _frames;
    private int _round;

    public AllocationTests()
    {
        for (int call = 0; call < Calls; call++)
            _line.Negotiate(callId: $"{call}", caller: Line.Caller.WithPort(1000 + call), pbx: Line.Pbx.WithPort(1000 + call));
        _frames = [.. Enumerable.Range(0, Calls).SelectMany(call => (byte[][])[
            FrameBuilder.Udp(Line.Caller.WithPort(1000 + call), Line.Pbx.WithPort(1000 + call), Line.RtpBytes(0, 0, 1, 8, Line.Voice(1, 160))),
            FrameBuilder.Udp(Line.Pbx.WithPort(1000 + call), Line.Caller.WithPort(1000 + call), Line.RtpBytes(0, 0, 2, 8, Line.Voice(2, 160)))])];
    }

    [Fact]
    public void A_packet_costs_nothing_and_a_message_its_buffer_alone()
    {
        Talk(seconds: 10);
        long before = GC.GetAllocatedBytesForCurrentThread();
        int batches = Talk(seconds: 10);
        long bytes = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.InRange(batches, 10 * 9 * Calls, 10 * 11 * Calls);
        // 30,000 packets, 3,000 messages of both roles.
        Assert.InRange(bytes, 1, 100L * batches);
    }

    [Fact]
    public void Memory_does_not_grow_with_the_length_of_a_capture()
    {
        Talk(seconds: 20);
        long before = GC.GetTotalMemory(forceFullCollection: true);
        Talk(seconds: 200);
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 200_000);
    }

    private int Talk(int seconds)
    {
        int batches = 0;
        for (int end = _round + 50 * seconds; _round < end; _round++)
        {
            foreach (byte[] frame in _frames)
            {
                BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(FrameHeaders + 2), (ushort)_round);
                BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(FrameHeaders + 4), (uint)_round * 160);
                _line.Engine.Accept(LinkType.Ethernet, frame, Line.Ns(20 * _round));
                while (_line.Engine.TryTakeEffect(out var effect))
                {
                    // Now and then sip-tracker is told that a call's media runs.
                    if (effect.Batch is not { } batch)
                        continue;
                    batch.Dispose();
                    batches++;
                }
            }
        }

        return batches;
    }
}
