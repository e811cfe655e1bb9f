using CallMirror.Capture.Sources;
using CallMirror.Protocols.Packets;

namespace CallMirror.Capture.Pcap;

/// <summary>
/// Sends captured Ethernet frames out on an interface, so that who captures there sees them. Their hardware addresses are replaced by one that is
/// nobody's: no IP stack takes them for its own, answers them or forwards them.
/// </summary>
public sealed unsafe class PcapInjector : IDisposable
{
    private const int AddressLength = 6;

    // Locally administered (IEEE 802, the second bit of the first byte), and not loopback's zeros.
    private static ReadOnlySpan<byte> NobodysAddress => [0x02, 0x43, 0x4D, 0x00, 0x00, 0x01];

    private readonly PcapHandle _handle;
    private readonly string _device;
    private byte[] _frame = [];

    private PcapInjector(PcapHandle handle, string device)
    {
        _handle = handle;
        _device = device;
    }

    /// <summary>Opens an interface.</summary>
    /// <exception cref="CaptureException">No such interface, no permission, not up, or it has no Ethernet frames.</exception>
    public static PcapInjector Open(string device)
    {
        byte* error = stackalloc byte[Libpcap.ErrorBufferSize];
        error[0] = 0;
        nint raw = Libpcap.Create(device, error);
        if (raw == 0)
            throw new CaptureException($"the interface {device} can't be opened: {Libpcap.Text(error)}");
        var handle = new PcapHandle(raw);
        string? refusal = Libpcap.Activate(raw) < 0 ? handle.LastError
            : (LinkType)Libpcap.DataLink(raw) != LinkType.Ethernet ? "it has no Ethernet frames"
            : null;
        if (refusal is null)
            return new PcapInjector(handle, device);
        handle.Dispose();
        throw new CaptureException($"packets can't be sent on {device}: {refusal}");
    }

    /// <summary>Sends a frame at once.</summary>
    /// <exception cref="CaptureException">The frame is not Ethernet's, or the interface does not take it, being down or its MTU too small.</exception>
    public void Send(in CapturedPacket packet)
    {
        int length = packet.Frame.Length;
        if (packet.Link != LinkType.Ethernet || length < 2 * AddressLength)
            throw new CaptureException("only captures of Ethernet frames can be replayed");
        if (_frame.Length < length)
            _frame = new byte[length];
        packet.Frame.CopyTo(_frame);
        NobodysAddress.CopyTo(_frame);
        NobodysAddress.CopyTo(_frame.AsSpan(AddressLength));
        fixed (byte* frame = _frame)
            if (Libpcap.SendPacket(_handle.Raw, frame, length) != 0)
                throw new CaptureException($"a packet of {length} bytes can't be sent on {_device}: {_handle.LastError}");
    }

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();
}
