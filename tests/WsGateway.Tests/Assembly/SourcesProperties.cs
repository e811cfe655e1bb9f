using CallMirror.Messaging.Media;
using CallMirror.TestKit;
using CallMirror.WsGateway.Assembly;
using FsCheck;
using FsCheck.Fluent;

namespace CallMirror.WsGateway.Tests.Assembly;

/// <summary>Two captures of one generated call, with losses, clocks and windows of their own.</summary>
public sealed class SourcesProperties
{
    private static readonly TimeSpan Late = TimeSpan.FromSeconds(2);

    [Fact]
    public void Every_sample_that_any_capture_has_is_heard_once_at_its_place_and_silence_elsewhere() =>
        Properties.Hold(Cases(dying: false), Check);

    [Fact]
    public void A_capture_that_dies_at_any_point_takes_nothing_with_it() =>
        Properties.Hold(Cases(dying: true), Check);

    [Fact]
    public void A_capture_that_joins_at_any_point_adds_what_it_has_from_then_on()
    {
        var cases =
            from scene in Cases(dying: false)
            from joins in Gen.Choose(10, 60)
            select (scene, joins);
        Properties.Hold(cases, input =>
        {
            var (scene, joins) = input;
            Check(scene with { Call = scene.Call.Plain(), Second = scene.Second with { JoinsAt = joins } });
        });
    }

    private static Gen<Scene> Cases(bool dying) =>
        from talk in GeneratedCall.Any
        from first in GeneratedCapture.Any
        from second in GeneratedCapture.Any
        from order in Gen.Choose(0, 600).ListOf(400)
        from dies in Gen.Choose(20, 79)
        from which in Gen.Choose(0, 1)
        select new Scene(
            talk,
            first with { Skew = 0, DiesAt = dying && which == 0 ? dies : int.MaxValue },
            second with { DiesAt = dying && which == 1 ? dies : int.MaxValue },
            [.. order]);

    private static void Check(Scene scene)
    {
        using var call = new CallAssembler(Chunks.Key, new ChunkLimits(Late, 100_000_000), TimeSpan.FromSeconds(1));
        var outputs = new Outputs();
        List<SettledChunk> settled = [];
        var written = new SortedSet<int>();
        var deliveries = scene.Deliveries();
        foreach (var (delivery, packets) in deliveries)
        {
            long tail = call[0].Backlog.HasBegun ? call[0].Backlog.Tail : -1;
            Assert.True(call.TryAdd(delivery, settled, out _));
            outputs.Take(call[0].Backlog);
            // What a capture that nobody had heard of has to say of the past comes too late.
            written.UnionWith(packets.Where(packet => !scene.Joins || scene.Call.PositionOf(packet) >= tail));
        }

        call.GiveUpWaiting(settled);
        outputs.Take(call[0].Backlog);

        Assert.Equal(deliveries.Count, settled.Distinct().Count());
        Assert.Equal(0, call.HeldCount);
        Assert.NotNull(call[0].Backlog.Ended);
        Assert.True(outputs.Ended);
        Assert.True(scene.Call.End == call[0].Backlog.Tail, scene.Describe(call[0].Backlog.Tail, []));
        byte[] expected = scene.Call.Audio(written, call[0].Backlog.Start, call[0].Backlog.Tail);
        int differs = expected.AsSpan().CommonPrefixLength(outputs.Audio);
        Assert.True(differs == expected.Length && outputs.Audio.Length == expected.Length, scene.Describe((differs / 2) + call[0].Backlog.Start, outputs.Audio.AsSpan(Math.Min(differs, outputs.Audio.Length))));
        Assert.Empty(outputs.Events);
    }

    private sealed record Scene(GeneratedCall Call, GeneratedCapture First, GeneratedCapture Second, int[] Order)
    {
        public string Describe(long position, ReadOnlySpan<byte> heard)
        {
            var packets = Call.Packets.Select((packet, i) => $"{i}: {packet} {(First.Hears(i) ? "first" : "")} {(Second.Hears(i) ? "second" : "")}");
            return $"differs at {position}, where {Convert.ToHexString(heard[..Math.Min(4, heard.Length)])} is heard; {string.Join('\n', packets)}";
        }

        public bool Joins => Second.JoinsAt > 0;

        // In the order of capture, but each late by up to 600 ms: no capture is behind for a second, and both begin before any packet is lost.
        // One that joins later keeps its order, so that what comes too late is known.
        public List<(MediaDelivery Delivery, int[] Packets)> Deliveries()
        {
            var first = First.Chunks(Call, 1).Select((chunk, i) => (chunk, Late: Order[i % 200]));
            var second = Second.Chunks(Call, 2).Select((chunk, i) => (chunk, Late: Order[200 + (Joins ? 0 : i % 200)]));
            return [.. first.Concat(second)
                .Select(item => (item.chunk, At: item.chunk.IsFirst ? long.MinValue : item.chunk.CapturedAt + (item.Late * 1_000_000L)))
                .OrderBy(item => item.At)
                .Select((item, i) => (new MediaDelivery(item.chunk.Message, (ulong)i, false), item.chunk.Packets))];
        }
    }
}
