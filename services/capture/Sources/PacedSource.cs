namespace CallMirror.Capture.Sources;

/// <summary>Plays a file as fast as it was captured, or <paramref name="speed"/> times as fast: a packet is held back until its time has come.</summary>
public sealed class PacedSource(IPacketSource inner, double speed, TimeProvider time) : IPacketSource
{
    private const long NanosecondsPerSecond = 1_000_000_000;

    private readonly HeldFrame _held = new();
    private long _started;
    private long _firstNs;
    private bool _begun;

    /// <summary>Plays a source; where <paramref name="speed"/> is null, that is as fast as it can be read, and the source is as it was.</summary>
    public static IPacketSource Play(IPacketSource source, double? speed, TimeProvider time) => speed is { } times ? new PacedSource(source, times, time) : source;

    /// <inheritdoc/>
    public bool IsLive => inner.IsLive;

    /// <inheritdoc/>
    public SourceFigures Figures => inner.Figures;

    /// <inheritdoc/>
    public SourceStatus TryRead(out CapturedPacket packet)
    {
        packet = default;
        if (!_held.IsHeld)
        {
            var status = inner.TryRead(out packet);
            if (status != SourceStatus.Packet || IsDue(packet.TimeNs))
                return status;
            _held.Hold(packet, packet.TimeNs);
        }

        if (!IsDue(_held.TimeNs))
            return SourceStatus.Idle;
        packet = _held.Release();
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
}
