using CallMirror.Scripts.Tests.Product;

namespace CallMirror.Scripts.Tests.Truth;

/// <summary>A packet's audio where it was found.</summary>
internal readonly record struct Placement(StreamName Stream, long Position, SentPacket Packet)
{
    private const long NsPerSample = 125_000;

    /// <summary>Samples from where it belongs to where it is.</summary>
    public long Off => Stream.EpochNs / NsPerSample + Position - Packet.HeardAt;
}

/// <summary>Tells, of any output, which packets' audio it is.</summary>
internal sealed class PacketIndex
{
    private readonly Dictionary<ulong, SentPacket> _byBeginning = [];

    public PacketIndex(IEnumerable<SentPacket> sent)
    {
        foreach (var packet in sent)
            _byBeginning.Add(BitConverter.ToUInt64(packet.Content), packet);
    }

    /// <summary>The packets of a stream, in the order of the output, and how many samples are of none.</summary>
    public (List<Placement> Packets, int CutSamples) Read(StreamName name, HeardStream stream)
    {
        List<Placement> packets = [];
        int cut = 0;
        foreach (var run in stream.Runs)
        {
            byte[] bytes = [.. run.Bytes];
            for (int at = 0; at < bytes.Length;)
            {
                var packet = At(bytes.AsSpan(at));
                if (packet is null)
                    cut++;
                else
                    packets.Add(new Placement(name, run.Position + at, packet));
                at += packet?.Content.Length ?? 1;
            }
        }

        return (packets, cut);
    }

    private SentPacket? At(ReadOnlySpan<byte> rest) =>
        rest.Length >= sizeof(ulong) && _byBeginning.TryGetValue(BitConverter.ToUInt64(rest), out var packet) && rest.StartsWith(packet.Content) ? packet : null;
}
