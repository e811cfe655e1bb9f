using CallMirror.Capture.Sources;

namespace CallMirror.Capture.Pcap;

/// <summary>Reads a pcap or pcapng file, micro- or nanosecond, packed by gzip or not; also as it comes through a pipe.</summary>
public sealed class PcapFileSource : IPacketSource
{
    private readonly IFileFormat _format;
    private readonly FileBytes _bytes;
    private readonly PacketFilter? _filter;
    private readonly CaptureStream _stream;
    private long _packets;

    private PcapFileSource(CaptureStream stream, FileBytes bytes, IFileFormat format, PacketFilter? filter)
    {
        (_stream, _bytes, _format, _filter) = (stream, bytes, format, filter);
        if (format.Link is { } link)
            filter?.Prepare(link);
    }

    /// <inheritdoc/>
    public bool IsLive => false;

    /// <summary>The file as sentences name it.</summary>
    public string Name => _stream.Name;

    /// <inheritdoc/>
    public SourceFigures Figures =>
        new(_packets, _stream.PackedBytes ?? _bytes.Taken, _stream.Length, DroppedByKernel: 0, DroppedByInterface: 0);

    /// <summary>Opens a capture file; of a pipe it waits for the first bytes.</summary>
    /// <param name="path">A file or a named pipe; <c>-</c> is standard input.</param>
    /// <param name="filter">A BPF filter (pcap-filter(7)), or null.</param>
    /// <exception cref="CaptureException">It is not there, may not be read, is no capture, or the filter is not valid.</exception>
    public static PcapFileSource Open(string path, string? filter = null)
    {
        var stream = CaptureStream.Open(path);
        FileBytes? bytes = null;
        try
        {
            bytes = new FileBytes(stream.Unpacked());
            return new PcapFileSource(stream, bytes, FormatOf(bytes, stream.Name), PacketFilter.Of(filter));
        }
        catch (Exception e)
        {
            bytes?.Dispose();
            stream.Dispose();
            if (IsUnreadable(e))
                throw NoCapture(stream.Name, Said(e), e);
            throw;
        }
    }

    /// <inheritdoc/>
    public SourceStatus TryRead(out CapturedPacket packet)
    {
        string? damage;
        try
        {
            while (_format.TryRead(out packet, out damage))
            {
                if (_filter?.Matches(packet) == false)
                    continue;
                _packets++;
                return SourceStatus.Packet;
            }
        }
        catch (Exception e) when (IsUnreadable(e))
        {
            throw Damaged(Said(e), e);
        }

        return damage is null ? SourceStatus.End : throw Damaged(damage);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _bytes.Dispose();
        _stream.Dispose();
        _filter?.Dispose();
    }

    private static IFileFormat FormatOf(FileBytes bytes, string name)
    {
        if (bytes.IsAtEnd)
            throw NoCapture(name, "it is empty");
        return (IFileFormat?)PcapRecords.TryBegin(bytes) ?? PcapngBlocks.TryBegin(bytes)
            ?? throw NoCapture(name, "it does not begin as pcap or pcapng");
    }

    private static bool IsUnreadable(Exception e) => e is IOException or InvalidDataException or UnauthorizedAccessException;

    // What .NET says of a packed file is for programmers.
    private static string Said(Exception e) => e is InvalidDataException ? "what gzip has packed is damaged or cut off" : e.Message;

    private static CaptureException NoCapture(string name, string why, Exception? inner = null) =>
        new($"{name} is not a capture that can be read: {why}", inner) { IsDamage = true };

    private CaptureException Damaged(string why, Exception? inner = null) =>
        new($"{Name} is damaged after {_packets} packets: {why}", inner) { IsDamage = true };
}
