using System.Runtime.InteropServices;
using CallMirror.Capture.Sources;
using CallMirror.Protocols.Packets;

namespace CallMirror.Capture.Pcap;

/// <summary>An open <c>pcap_t</c>: reads packets, filters, counts. Used by one thread at a time.</summary>
internal sealed unsafe class PcapHandle : SafeHandle
{
    private const long NanosecondsPerSecond = 1_000_000_000;
    private const long NanosecondsPerMicrosecond = 1000;

    private long _fraction;
    private LinkType _link;

    public PcapHandle(nint handle)
        : base(0, ownsHandle: true) => SetHandle(handle);

    public override bool IsInvalid => handle == 0;

    /// <summary>The raw handle, for settings before <see cref="Started"/>.</summary>
    public nint Raw => handle;

    /// <summary>What libpcap says of the last failure.</summary>
    public string LastError => Libpcap.Text(Libpcap.GetError(handle));

    /// <summary>Call once the handle can deliver packets.</summary>
    public void Started()
    {
        _link = (LinkType)Libpcap.DataLink(handle);
        _fraction = Libpcap.GetTimestampPrecision(handle) == Libpcap.PrecisionNano ? 1 : NanosecondsPerMicrosecond;
    }

    /// <summary>Reads the next packet: a result of <see cref="Libpcap.NextEx"/>.</summary>
    public int Read(out CapturedPacket packet)
    {
        Libpcap.PacketHeader* header;
        byte* data;
        int result = Libpcap.NextEx(handle, &header, &data);
        packet = result == Libpcap.PacketRead
            ? new CapturedPacket(_link, header->Seconds * NanosecondsPerSecond + header->Fraction * _fraction, new ReadOnlySpan<byte>(data, (int)header->CapturedLength))
            : default;
        return result;
    }

    /// <summary>Compiles a BPF filter (pcap-filter(7)); whoever asks for it frees it.</summary>
    /// <exception cref="CaptureException">The filter does not compile.</exception>
    public Libpcap.FilterProgram Compile(string filter)
    {
        Libpcap.FilterProgram program;
        return Libpcap.Compile(handle, &program, filter, optimize: 1, Libpcap.NetmaskUnknown) == 0
            ? program
            : throw new CaptureException($"the filter \"{filter}\" is not valid: {LastError}");
    }

    /// <summary>Sets a BPF filter (pcap-filter(7)).</summary>
    /// <exception cref="CaptureException">The filter does not compile.</exception>
    public void SetFilter(string filter)
    {
        var program = Compile(filter);
        int result = Libpcap.SetFilter(handle, &program);
        Libpcap.FreeCode(&program);
        if (result != 0)
            throw new CaptureException($"the filter \"{filter}\" can't be set: {LastError}");
    }

    /// <summary>Kernel and interface drops so far; zeros for a file.</summary>
    public (long Kernel, long Interface) Drops()
    {
        Libpcap.Statistics statistics;
        return IsClosed || Libpcap.Stats(handle, &statistics) != 0 ? (0, 0) : (statistics.Dropped, statistics.InterfaceDropped);
    }

    protected override bool ReleaseHandle()
    {
        Libpcap.Close(handle);
        return true;
    }
}
