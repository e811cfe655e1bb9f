using CallMirror.Capture.Sources;
using CallMirror.Protocols.Packets;

namespace CallMirror.Capture.Pcap;

/// <summary>
/// A BPF filter (pcap-filter(7)) for packets of files: libpcap compiles it for each link type, as it reads otherwise for each.
/// </summary>
internal sealed unsafe class PacketFilter(string text) : IDisposable
{
    // What libpcap takes for the longest frame.
    private const int SnapLength = 256 * 1024;

    private readonly Dictionary<LinkType, Libpcap.FilterProgram> _programs = [];
    private Libpcap.FilterProgram _program;
    private LinkType? _link;

    /// <summary>Makes a filter, unless there is nothing to filter by.</summary>
    public static PacketFilter? Of(string? text) => string.IsNullOrWhiteSpace(text) ? null : new PacketFilter(text);

    /// <summary>Makes it ready for frames of a link type.</summary>
    /// <exception cref="CaptureException">The filter does not compile.</exception>
    public void Prepare(LinkType link)
    {
        if (!_programs.TryGetValue(link, out _program))
            _programs[link] = _program = Compile(link);
        _link = link;
    }

    /// <summary>Whether it lets a packet through.</summary>
    /// <exception cref="CaptureException">The filter does not compile for this link type.</exception>
    public bool Matches(in CapturedPacket packet)
    {
        if (_link != packet.Link)
            Prepare(packet.Link);
        var header = new Libpcap.PacketHeader { CapturedLength = (uint)packet.Frame.Length, OriginalLength = (uint)packet.Length };
        fixed (Libpcap.FilterProgram* program = &_program)
        fixed (byte* data = packet.Frame)
            return Libpcap.Matches(program, &header, data) != 0;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var program in _programs.Values)
        {
            var freed = program;
            Libpcap.FreeCode(&freed);
        }

        _programs.Clear();
        _link = null;
    }

    // In files raw IP has another number than libpcap has for it.
    private static int Number(LinkType link) => (int)(link == LinkType.Raw ? LinkType.RawIp : link);

    private Libpcap.FilterProgram Compile(LinkType link)
    {
        using var handle = new PcapHandle(Libpcap.OpenDead(Number(link), SnapLength));
        return handle.Compile(text);
    }
}
