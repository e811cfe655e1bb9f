using CallMirror.Capture.Sources;
using CallMirror.Capture.Tests.Engine;
using CallMirror.Protocols.Packets;

namespace CallMirror.Capture.Tests.Sources;

/// <summary>Frames out of a list, at times in milliseconds; then it ends, breaks, or, where it is live, waits.</summary>
internal sealed class ListSource(params (double Ms, byte[] Frame)[] frames) : IPacketSource
{
    private int _next;

    public bool IsLive { get; init; }

    public string? Device { get; init; }

    /// <summary>When the list begins.</summary>
    public long StartNs { get; init; } = Line.EpochNs;

    /// <summary>What it says when it breaks behind its last frame.</summary>
    public string? Breaks { get; init; }

    /// <summary>The frame before which it has nothing for once, and what happens just then.</summary>
    public (int Frame, Action Then)? Pauses { get; set; }

    /// <summary>When a live one has nothing more.</summary>
    public Action WhenIdle { get; init; } = () => { };

    public bool IsDisposed { get; private set; }

    public long DroppedByKernel { get; init; }

    public long DroppedByInterface { get; init; }

    public SourceFigures Figures => new(_next, _next, frames.Length, DroppedByKernel, DroppedByInterface);

    public SourceStatus TryRead(out CapturedPacket packet)
    {
        packet = default;
        if (Pauses is { } pause && pause.Frame == _next)
        {
            Pauses = null;
            pause.Then();
            return SourceStatus.Idle;
        }

        if (_next < frames.Length)
        {
            var (ms, frame) = frames[_next++];
            packet = new CapturedPacket(LinkType.Ethernet, StartNs + Line.Ns(ms) - Line.EpochNs, frame);
            return SourceStatus.Packet;
        }

        if (Breaks is not null)
            throw new CaptureException(Breaks);
        if (IsLive)
            WhenIdle();
        return IsLive ? SourceStatus.Idle : SourceStatus.End;
    }

    public void Dispose() => IsDisposed = true;
}
