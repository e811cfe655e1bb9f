using CallMirror.Contracts;

namespace CallMirror.Capture.Sources;

/// <summary>
/// A file as if it came from an interface: its packets come at their own pace, with the time of now, wait for nobody, and after the last of them
/// the line is quiet. To try a deployment without a PBX.
/// </summary>
public sealed class LiveReplaySource : IPacketSource
{
    // Whole milliseconds, so that the times of a file keep their last digits.
    private const long NanosecondsPerStep = 1_000_000;

    private readonly IPacketSource _file;
    private readonly TimeProvider _time;
    private readonly long _openedNs;
    private readonly long _beginsNs;
    private readonly HeldFrame _held = new();
    private long? _shiftNs;

    /// <param name="file">The file; owned.</param>
    /// <param name="begins">When its first packet comes. What should have come before now never comes, as on a line that nobody heard. Null: now.</param>
    /// <param name="time">The clock.</param>
    public LiveReplaySource(IPacketSource file, DateTimeOffset? begins, TimeProvider time)
    {
        (_file, _time) = (file, time);
        _openedNs = NowNs;
        _beginsNs = begins is { } at ? CaptureTime.ToNanoseconds(at) : _openedNs;
    }

    /// <inheritdoc/>
    public bool IsLive => true;

    /// <inheritdoc/>
    public SourceFigures Figures => _file.Figures;

    private long NowNs => CaptureTime.ToNanoseconds(_time.GetUtcNow());

    /// <inheritdoc/>
    public SourceStatus TryRead(out CapturedPacket packet)
    {
        packet = default;
        if ((!_held.IsHeld && !TryHold()) || _held.TimeNs > NowNs)
            return SourceStatus.Idle;
        packet = _held.Release();
        return SourceStatus.Packet;
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    // False after the last packet.
    private bool TryHold()
    {
        while (_file.TryRead(out var packet) == SourceStatus.Packet)
        {
            _shiftNs ??= (_beginsNs - packet.TimeNs) / NanosecondsPerStep * NanosecondsPerStep;
            long due = packet.TimeNs + _shiftNs.Value;
            if (due < _openedNs - NanosecondsPerStep)
                continue;
            _held.Hold(packet, due);
            return true;
        }

        return false;
    }
}
