namespace CallMirror.Capture.Sources;

/// <summary>Where captured packets come from: a file, an interface, or a test.</summary>
public interface IPacketSource : IDisposable
{
    /// <summary>True for an interface: packets don't wait, and time goes on without them.</summary>
    bool IsLive { get; }

    /// <summary>The name of the interface; null where it is none.</summary>
    string? Device => null;

    /// <summary>Reads the next packet, if there is one now. Its bytes are valid until the next call.</summary>
    /// <exception cref="CaptureException">The source broke; the message is one sentence for the user.</exception>
    SourceStatus TryRead(out CapturedPacket packet);

    /// <summary>What the source says of itself so far.</summary>
    SourceFigures Figures { get; }
}

/// <summary>What a source answered.</summary>
public enum SourceStatus
{
    /// <summary>A packet.</summary>
    Packet,

    /// <summary>No packet now; there may be one later.</summary>
    Idle,

    /// <summary>There will be no more.</summary>
    End,
}

/// <summary>Counts of a source. <paramref name="BytesRead"/> counts frames with their file headers, to compare with <paramref name="BytesTotal"/>.</summary>
/// <param name="Packets">Packets read.</param>
/// <param name="BytesRead">Bytes read.</param>
/// <param name="BytesTotal">Size of the file, or 0 for an interface.</param>
/// <param name="DroppedByKernel">Packets that the kernel dropped because they were read too slowly.</param>
/// <param name="DroppedByInterface">Packets that the interface dropped.</param>
public readonly record struct SourceFigures(long Packets, long BytesRead, long BytesTotal, long DroppedByKernel, long DroppedByInterface);
