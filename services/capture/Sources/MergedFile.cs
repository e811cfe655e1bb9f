namespace CallMirror.Capture.Sources;

/// <summary>
/// One of several captures that are read as one: the packet that it has read ahead, and where it is once more when it has been
/// closed.
/// </summary>
internal sealed class MergedFile : IDisposable
{
    private readonly Func<IPacketSource>? _reopen;
    private readonly HeldFrame _head = new();
    private IPacketSource? _source;
    private SourceFigures _figures;

    /// <param name="number">Its place among the files as they were named.</param>
    /// <param name="source">It, open; owned.</param>
    /// <param name="reopen">Opens it again, where it may be closed until its turn.</param>
    public MergedFile(int number, IPacketSource source, Func<IPacketSource>? reopen = null) =>
        (Number, _source, _reopen) = (number, source, reopen);

    /// <summary>Its place among the files as they were named.</summary>
    public int Number { get; }

    /// <summary>A packet was read ahead.</summary>
    public bool IsHeld => _head.IsHeld;

    /// <summary>The time of the packet that was read ahead, or, of a file that waits, of its first.</summary>
    public long TimeNs { get; private set; }

    /// <summary>What it says of itself; also once it is closed.</summary>
    public SourceFigures Figures => _source?.Figures ?? _figures;

    /// <summary>Reads a packet ahead.</summary>
    /// <exception cref="CaptureException">The file is damaged.</exception>
    public SourceStatus Fill()
    {
        _source ??= _reopen!();
        var status = _source.TryRead(out var packet);
        if (status == SourceStatus.Packet)
        {
            _head.Hold(packet, packet.TimeNs);
            TimeNs = packet.TimeNs;
        }

        return status;
    }

    /// <summary>Gives the packet that was read ahead; its bytes are valid until the next is.</summary>
    public CapturedPacket Release() => _head.Release();

    /// <summary>Looks at its first packet's time, and closes it until its turn; false where it holds none.</summary>
    /// <exception cref="CaptureException">The file is damaged.</exception>
    public bool TryWait()
    {
        try
        {
            if (Fill() != SourceStatus.Packet)
                return false;
            _head.Release();
            return true;
        }
        finally
        {
            Dispose();
            _figures = _figures with { Packets = 0, BytesRead = 0 };
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // The figures before the source: somebody else may ask for them meanwhile.
        _figures = Figures;
        var source = _source;
        _source = null;
        source?.Dispose();
    }
}
