using CallMirror.Capture.Sources;

namespace CallMirror.Capture.Pcap;

/// <summary>Reads a pcap or pcapng file, micro- or nanosecond; also as it comes through a pipe.</summary>
public sealed unsafe class PcapFileSource : IPacketSource
{
    private const int RecordHeaderBytes = 16;
    private const string StandardInput = "-";

    private readonly PcapHandle _handle;
    private readonly string _name;
    private readonly long _size;
    private long _packets;
    private long _bytes;

    private PcapFileSource(PcapHandle handle, string name, long size)
    {
        _handle = handle;
        _name = name;
        _size = size;
    }

    /// <inheritdoc/>
    public bool IsLive => false;

    /// <inheritdoc/>
    public SourceFigures Figures => new(_packets, _bytes, _size, DroppedByKernel: 0, DroppedByInterface: 0);

    /// <summary>Opens a capture file; of a pipe it waits for the first bytes.</summary>
    /// <param name="path">A file or a named pipe; <c>-</c> is standard input.</param>
    /// <param name="filter">A BPF filter (pcap-filter(7)), or null.</param>
    /// <exception cref="CaptureException">It is not there, may not be read, is no capture, or the filter is not valid.</exception>
    public static PcapFileSource Open(string path, string? filter = null)
    {
        long size = CheckedSize(path);
        string name = path == StandardInput ? "standard input" : path;
        byte* error = stackalloc byte[Libpcap.ErrorBufferSize];
        error[0] = 0;
        nint raw = Libpcap.OpenOffline(path, Libpcap.PrecisionNano, error);
        if (raw == 0)
            throw new CaptureException($"{name} is not a capture that can be read: {WithoutPath(Libpcap.Text(error), path)}");
        var source = new PcapFileSource(new PcapHandle(raw), name, size);
        try
        {
            source._handle.Started();
            if (!string.IsNullOrWhiteSpace(filter))
                source._handle.SetFilter(filter);
            return source;
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public SourceStatus TryRead(out CapturedPacket packet)
    {
        switch (_handle.Read(out packet))
        {
            case Libpcap.PacketRead:
                _packets++;
                _bytes += packet.Frame.Length + RecordHeaderBytes;
                return SourceStatus.Packet;
            case Libpcap.EndOfFile:
                return SourceStatus.End;
            default:
                throw new CaptureException($"{_name} is damaged after {_packets} packets: {WithoutPath(_handle.LastError, _name)}");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();

    // 0 where nobody can tell. A pipe, which has no length, is not opened to be closed again: its writer would find it broken.
    private static long CheckedSize(string path)
    {
        try
        {
            if (Directory.Exists(path))
                throw new CaptureException($"{path} is a folder, not a capture file");
            if (path == StandardInput || new FileInfo(path).Length == 0)
                return 0;
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            return file.CanSeek ? file.Length : 0;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CaptureException($"{path} does not exist", e);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            throw new CaptureException($"{path} can't be read: {e.Message}", e);
        }
    }

    // libpcap begins some messages with the file's name, which the sentence has already.
    private static string WithoutPath(string message, string path) =>
        message.StartsWith(path + ": ", StringComparison.Ordinal) ? message[(path.Length + 2)..] : message;
}
