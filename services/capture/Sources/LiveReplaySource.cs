namespace CallMirror.Capture.Sources;

/// <summary>
/// A file as if it came from an interface: its packets come at their own pace, with the time of now, wait for nobody, and after the last of them
/// the line is quiet. To try a deployment without a PBX.
/// </summary>
public sealed class LiveReplaySource(IPacketSource file, TimeProvider time) : IPacketSource
{
    private const long NanosecondsPerTick = 100;

    // Whole milliseconds, so that the times of a file keep their last digits.
    private const long NanosecondsPerStep = 1_000_000;

    private readonly PacedSource _paced = new(file, speed: 1, time);
    private long _shiftNs;
    private bool _begun;

    /// <inheritdoc/>
    public bool IsLive => true;

    /// <inheritdoc/>
    public SourceFigures Figures => _paced.Figures;

    /// <inheritdoc/>
    public SourceStatus TryRead(out CapturedPacket packet)
    {
        var status = _paced.TryRead(out packet);
        if (status == SourceStatus.End)
            return SourceStatus.Idle;
        if (status == SourceStatus.Packet)
            packet = new CapturedPacket(packet.Link, packet.TimeNs + ShiftFrom(packet.TimeNs), packet.Frame);
        return status;
    }

    /// <inheritdoc/>
    public void Dispose() => _paced.Dispose();

    private long ShiftFrom(long firstNs)
    {
        if (_begun)
            return _shiftNs;
        _begun = true;
        long now = (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * NanosecondsPerTick;
        return _shiftNs = (now - firstNs) / NanosecondsPerStep * NanosecondsPerStep;
    }
}
