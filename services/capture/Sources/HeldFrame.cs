using CallMirror.Protocols.Packets;

namespace CallMirror.Capture.Sources;

/// <summary>The one packet that a player has read and whose time has not come: a copy, as the source's bytes are gone with its next.</summary>
internal sealed class HeldFrame
{
    private byte[] _bytes = [];
    private int _length = -1;
    private LinkType _link;
    private int _onWire;

    /// <summary>There is one.</summary>
    public bool IsHeld => _length >= 0;

    /// <summary>Its time, in nanoseconds since the Unix epoch.</summary>
    public long TimeNs { get; private set; }

    /// <summary>Keeps a packet, at a time that may be another than its own.</summary>
    public void Hold(in CapturedPacket packet, long timeNs)
    {
        if (_bytes.Length < packet.Frame.Length)
            _bytes = new byte[packet.Frame.Length];
        packet.Frame.CopyTo(_bytes);
        (_length, TimeNs, _link, _onWire) = (packet.Frame.Length, timeNs, packet.Link, packet.Length);
    }

    /// <summary>Gives it; its bytes are valid until the next is kept.</summary>
    public CapturedPacket Release()
    {
        var packet = new CapturedPacket(_link, TimeNs, _bytes.AsSpan(0, _length), _onWire);
        _length = -1;
        return packet;
    }
}
