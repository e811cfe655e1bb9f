using CallMirror.Protocols.Packets;

namespace CallMirror.Capture.Sources;

/// <summary>Plays a file as fast as it was captured, or <paramref name="speed"/> times as fast: a packet is held back until its time has come.</summary>
public sealed class PacedSource(IPacketSource inner, double speed, TimeProvider time) : IPacketSource
{
    private const long NanosecondsPerSecond = 1_000_000_000;

    private long _started;
    private long _firstNs;
    private bool _begun;
    private byte[] _held = [];
    private int _heldLength = -1;
    private long _heldNs;
    private LinkType _heldLink;

    /// <inheritdoc/>
    public bool IsLive => inner.IsLive;

    /// <inheritdoc/>
    public SourceFigures Figures => inner.Figures;

    /// <inheritdoc/>
    public SourceStatus TryRead(out CapturedPacket packet)
    {
        packet = default;
        if (_heldLength < 0)
        {
            var status = inner.TryRead(out packet);
            if (status != SourceStatus.Packet || IsDue(packet.TimeNs))
                return status;
            Hold(packet);
        }

        if (!IsDue(_heldNs))
            return SourceStatus.Idle;
        packet = new CapturedPacket(_heldLink, _heldNs, _held.AsSpan(0, _heldLength));
        _heldLength = -1;
        return SourceStatus.Packet;
    }

    /// <inheritdoc/>
    public void Dispose() => inner.Dispose();

    private bool IsDue(long packetNs)
    {
        if (!_begun)
            (_begun, _firstNs, _started) = (true, packetNs, time.GetTimestamp());
        return packetNs - _firstNs <= time.GetElapsedTime(_started).TotalSeconds * NanosecondsPerSecond * speed;
    }

    private void Hold(in CapturedPacket packet)
    {
        if (_held.Length < packet.Frame.Length)
            _held = new byte[packet.Frame.Length];
        packet.Frame.CopyTo(_held);
        (_heldLength, _heldNs, _heldLink) = (packet.Frame.Length, packet.TimeNs, packet.Link);
    }
}
