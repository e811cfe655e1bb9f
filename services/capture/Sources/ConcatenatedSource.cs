using CallMirror.Capture.Pcap;

namespace CallMirror.Capture.Sources;

/// <summary>Reads several captures one after the other, as a rotated capture is stored.</summary>
public sealed class ConcatenatedSource : IPacketSource
{
    private readonly Queue<IPacketSource> _rest;
    private readonly List<IPacketSource> _all;

    /// <summary>The sources are opened already, so that a wrong file name shows before any work is done.</summary>
    public ConcatenatedSource(IEnumerable<IPacketSource> sources)
    {
        _all = [.. sources];
        _rest = new Queue<IPacketSource>(_all);
    }

    /// <summary>Opens capture files.</summary>
    /// <exception cref="CaptureException">One can't be opened, or the filter is none.</exception>
    public static ConcatenatedSource OpenFiles(IEnumerable<string> files, string? filter) => new(files.Select(file => PcapFileSource.Open(file, filter)));

    /// <inheritdoc/>
    public bool IsLive => false;

    /// <inheritdoc/>
    public SourceFigures Figures => new(
        _all.Sum(source => source.Figures.Packets),
        _all.Sum(source => source.Figures.BytesRead),
        _all.Sum(source => source.Figures.BytesTotal),
        DroppedByKernel: 0,
        DroppedByInterface: 0);

    /// <inheritdoc/>
    public SourceStatus TryRead(out CapturedPacket packet)
    {
        while (_rest.TryPeek(out var source))
        {
            var status = source.TryRead(out packet);
            if (status != SourceStatus.End)
                return status;
            _rest.Dequeue();
        }

        packet = default;
        return SourceStatus.End;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var source in _all)
            source.Dispose();
    }
}
