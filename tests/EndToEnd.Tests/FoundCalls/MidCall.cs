using CallMirror.Protocols.Packets;

namespace CallMirror.EndToEnd.Tests.FoundCalls;

/// <summary>What a tap sees that begins in mid call: a capture whose front is cut off.</summary>
internal sealed class MidCall
{
    private const double NsPerSecond = 1e9;

    private readonly List<(long TimeNs, LinkType Link, byte[] Frame)> _frames;
    private readonly long _beginNs;

    /// <param name="capture">A classic pcap file.</param>
    /// <param name="from">Seconds after its first packet from which on the tap sees packets.</param>
    public MidCall(string capture, double from)
    {
        var frames = PcapReader.Read(capture).Select(record => (record.TimestampNs, record.Link, record.Frame)).ToList();
        _beginNs = frames[0].TimestampNs;
        _frames = [.. frames.Where(frame => frame.TimestampNs >= _beginNs + from * NsPerSecond)];
    }

    /// <summary>A pcap file of all that the tap sees.</summary>
    public byte[] File => PcapWriter.Write(_frames);

    /// <summary>The file in pieces that end at these times of the whole capture, in seconds.</summary>
    public IEnumerable<byte[]> FileUntil(params double[] seconds)
    {
        int written = 0;
        foreach (double end in (double[])[.. seconds, double.PositiveInfinity])
        {
            byte[] whole = PcapWriter.Write(_frames.TakeWhile(frame => frame.TimeNs < _beginNs + end * NsPerSecond));
            yield return whole[written..];
            written = whole.Length;
        }
    }
}
