using CallMirror.Contracts.Media;
using FsCheck;
using FsCheck.Fluent;

namespace CallMirror.WsGateway.Tests.Assembly;

/// <summary>One party's packets of 20 ms, as they were sent: with pauses, with jumps of the RTP clock, with changes of SSRC.</summary>
internal sealed record GeneratedCall(GeneratedCall.Packet[] Packets)
{
    public const int PacketSamples = 320;
    private const int FirstPosition = 8000;

    public static Gen<GeneratedCall> Any { get; } =
        from steps in Gen.Choose(0, 99).ListOf(80)
        from jumps in Gen.Choose(-20_000, 20_000).ListOf(80)
        select Of([.. steps], [.. jumps]);

    /// <summary>Where the last packet ends.</summary>
    public long End => Packets[^1].Position + PacketSamples;

    public long PositionOf(int packet) => Packets[packet].Position;

    /// <summary>The same with one SSRC and no jumps.</summary>
    public GeneratedCall Plain() => new([.. Packets.Select(packet => packet with { Ssrc = 1, Ahead = 0 })]);

    /// <summary>What is heard where only these packets arrive.</summary>
    public byte[] Audio(IEnumerable<int> packets, long from, long to)
    {
        byte[] audio = new byte[(to - from) * 2];
        foreach (int packet in packets)
        {
            long position = PositionOf(packet);
            if (position >= from && position + PacketSamples <= to)
                Pcm.Bytes(0, position, position + PacketSamples).CopyTo(audio, (position - from) * 2);
        }

        return audio;
    }

    // The first second is plain: both captures find their feet in it.
    private static GeneratedCall Of(int[] steps, int[] jumps)
    {
        var packets = new Packet[steps.Length];
        long position = FirstPosition;
        var (ssrc, ahead) = (1u, 0u);
        for (int i = 0; i < packets.Length; i++)
        {
            bool isPlain = i < 10;
            if (!isPlain && steps[i] < 5)
                position += PacketSamples * (1 + (steps[i] * 10));
            if (!isPlain && steps[i] is >= 5 and < 10)
                ahead = unchecked(ahead + (uint)jumps[i]);
            if (!isPlain && steps[i] is 10 or 11)
                ssrc++;
            packets[i] = new Packet(position, ssrc, ahead);
            position += PacketSamples;
        }

        return new GeneratedCall(packets);
    }

    internal readonly record struct Packet(long Position, uint Ssrc, uint Ahead);
}

/// <summary>A capture's losses, clock and window, in packets.</summary>
internal sealed record GeneratedCapture(int[] Losses, int Skew, int Window)
{
    private const int SafePackets = 10;

    public int DiesAt { get; init; } = int.MaxValue;

    public int JoinsAt { get; init; }

    public static Gen<GeneratedCapture> Any { get; } =
        from losses in Gen.Choose(0, 5).ListOf(80)
        from skew in Gen.Choose(-240, 240)
        from window in Gen.Choose(1, 9)
        select new GeneratedCapture([.. losses], skew * 2, window);

    /// <summary>Its chunks: windows as long as the call lasts, then the end, unless it has died.</summary>
    public IEnumerable<Chunk> Chunks(GeneratedCall call, uint source)
    {
        uint sequence = 0;
        long last = call.End;
        long start = call.PositionOf(Math.Min(JoinsAt, call.Packets.Length - 1));
        for (long from = start; from < last; from += Window * GeneratedCall.PacketSamples)
        {
            long to = Math.Min(last, from + (Window * GeneratedCall.PacketSamples));
            if (DiesAt != int.MaxValue && to > call.PositionOf(Math.Min(DiesAt, call.Packets.Length - 1)))
                yield break;
            int[] packets = [.. Enumerable.Range(0, call.Packets.Length).Where(i => call.PositionOf(i) >= from && call.PositionOf(i) < to && Hears(i))];
            yield return new Chunk(Write(call, source, sequence, to, packets), At(to), packets, sequence == 0 && JoinsAt == 0);
            sequence++;
        }

        var end = new Section(0, last) { Skew = Skew, Marks = [Assembly.Chunks.End(last)] };
        yield return new Chunk(Assembly.Chunks.Write(sequence, At(last + 1), [end], source), At(last + 1), [], false);
    }

    public bool Hears(int packet) => packet < SafePackets || Losses[packet % Losses.Length] > 0;

    private long At(long position) => (position + Skew) * 62_500;

    private MediaBuffer Write(GeneratedCall call, uint source, uint sequence, long to, int[] packets)
    {
        var buffer = new MediaBuffer();
        var writer = new MediaMessageWriter(
            buffer,
            new MediaHeader { Kind = MediaKind.L16Chunk, Source = source, Sequence = sequence, SampleRate = Assembly.Chunks.Rate, Epoch = Assembly.Chunks.Key.EpochNs, CapturedAt = At(to) },
            Assembly.Chunks.CallId);
        writer.BeginSection(0, SectionFlags.Open, to + Skew);
        foreach (int i in packets)
        {
            var packet = call.Packets[i];
            var header = new RunHeader { Position = packet.Position + Skew, Ssrc = packet.Ssrc, Timestamp = (uint)(packet.Position / 2) + packet.Ahead, Codec = MediaCodec.L16 };
            writer.AddRun(header, Pcm.Bytes(0, packet.Position, packet.Position + GeneratedCall.PacketSamples));
        }

        return buffer;
    }

    internal readonly record struct Chunk(MediaBuffer Message, long CapturedAt, int[] Packets, bool IsFirst);
}
