using CallMirror.Capture.Sources;

namespace CallMirror.Capture.Pcap;

/// <summary>Captures from a network interface, promiscuously; the kernel's ring is the only queue, and counts what it drops.</summary>
public sealed unsafe class PcapDeviceSource : IPacketSource
{
    // The longest IP packet, which a kernel that joins segments (GRO) makes of a large SIP message, and its link layer.
    private const int SnapLength = 65_535 + 256;

    // In immediate mode each packet has a slot of that length in the ring. Without it packets lie end to end, and come after this time at the latest.
    private const int TimeoutMilliseconds = 10;
    private const int PacketsBetweenLooks = 1024;

    private readonly PcapHandle _handle;
    private readonly string _device;
    private long _packets;
    private long _bytes;
    private (long Kernel, long Interface) _drops;

    private PcapDeviceSource(PcapHandle handle, string device)
    {
        _handle = handle;
        _device = device;
    }

    /// <inheritdoc/>
    public bool IsLive => true;

    /// <inheritdoc/>
    public string Device => _device;

    /// <inheritdoc/>
    public SourceFigures Figures => new(_packets, _bytes, BytesTotal: 0, _drops.Kernel, _drops.Interface);

    /// <summary>Opens an interface.</summary>
    /// <param name="device">Its name, or <c>any</c>.</param>
    /// <param name="ringBytes">Size of the kernel's ring, in bytes.</param>
    /// <param name="filter">A BPF filter (pcap-filter(7)), or null.</param>
    /// <param name="immediate">Whether packets come at once, at the price that <see cref="CaptureOptions.ImmediateMode"/> tells.</param>
    /// <exception cref="CaptureException">No such interface, no permission, not up, or the filter is not valid.</exception>
    public static PcapDeviceSource Open(string device, int ringBytes, string? filter = null, bool immediate = false)
    {
        byte* error = stackalloc byte[Libpcap.ErrorBufferSize];
        error[0] = 0;
        nint raw = Libpcap.Create(device, error);
        if (raw == 0)
            throw new CaptureException($"the interface {device} can't be opened: {Libpcap.Text(error)}");
        var source = new PcapDeviceSource(new PcapHandle(raw), device);
        try
        {
            source.Activate(ringBytes, filter, immediate, error);
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
                if (_packets++ % PacketsBetweenLooks == 0)
                    LookAtDrops();
                _bytes += packet.Frame.Length;
                return SourceStatus.Packet;
            case Libpcap.NothingYet:
                LookAtDrops();
                return SourceStatus.Idle;
            default:
                throw new CaptureException($"capture on {_device} broke: {_handle.LastError}");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();

    // libpcap's handle belongs to the thread that reads; whoever asks for figures gets what that thread saw last.
    private void LookAtDrops() => _drops = _handle.Drops();

    private void Activate(int ringBytes, string? filter, bool immediate, byte* error)
    {
        _ = Libpcap.SetSnapLength(_handle.Raw, SnapLength);
        _ = Libpcap.SetPromiscuous(_handle.Raw, on: 1);
        _ = Libpcap.SetImmediateMode(_handle.Raw, immediate ? 1 : 0);
        _ = Libpcap.SetTimeout(_handle.Raw, TimeoutMilliseconds);
        _ = Libpcap.SetBufferSize(_handle.Raw, ringBytes);
        // Older kernels and some devices have microseconds only; GetTimestampPrecision tells afterwards.
        _ = Libpcap.SetTimestampPrecision(_handle.Raw, Libpcap.PrecisionNano);
        int result = Libpcap.Activate(_handle.Raw);
        if (result < 0)
            throw new CaptureException(Refusal(result));
        _handle.Started();
        if (!string.IsNullOrWhiteSpace(filter))
            _handle.SetFilter(filter);
        if (Libpcap.SetNonBlocking(_handle.Raw, on: 1, error) != 0)
            throw new CaptureException($"capture on {_device} can't be set up: {Libpcap.Text(error)}");
    }

    private string Refusal(int result) => result switch
    {
        Libpcap.NoSuchDevice => $"there is no interface {_device}; ./callmirror devices lists those that there are",
        Libpcap.PermissionDenied => $"capture on {_device} needs root or the capabilities CAP_NET_RAW and CAP_NET_ADMIN",
        Libpcap.InterfaceNotUp => $"the interface {_device} is down",
        _ => $"capture on {_device} can't be started: {_handle.LastError}",
    };
}
