using CallMirror.Capture.Pcap;
using CallMirror.Capture.Retiming;

namespace CallMirror.Capture.Sources;

/// <summary>
/// Reads several captures as one, in the order of their packets' times: a rotated capture whatever the order of its names, or
/// captures of several interfaces. Of packets of one time those of the file that was named first come first. One that is damaged is
/// read up to there, the others whole; at the end that is said.
/// </summary>
public sealed class MergedSource : IPacketSource
{
    /// <summary>As many may overlap in time.</summary>
    internal const int MostAtOnce = 256;

    // More than these are closed again until their turn.
    private const int KeptOpen = 64;

    private readonly IReadOnlyList<MergedFile> _files;
    private readonly Queue<MergedFile> _waiting;
    private readonly List<MergedFile> _open;
    private readonly List<string> _damages;
    private bool _isAnyWhole;

    /// <summary>Reads captures that are open already; owned.</summary>
    public MergedSource(IEnumerable<IPacketSource> sources)
        : this([.. sources.Select((source, number) => new MergedFile(number, source))], [], [])
    {
    }

    private MergedSource(List<MergedFile> open, IEnumerable<MergedFile> waiting, List<string> damages)
    {
        _open = open;
        _damages = damages;
        _waiting = new Queue<MergedFile>(waiting.OrderBy(file => file.TimeNs).ThenBy(file => file.Number));
        _files = [.. _open, .. _waiting];
    }

    /// <inheritdoc/>
    public bool IsLive => false;

    /// <inheritdoc/>
    public SourceFigures Figures => new(
        _files.Sum(file => file.Figures.Packets),
        _files.Sum(file => file.Figures.BytesRead),
        _files.Sum(file => file.Figures.BytesTotal),
        DroppedByKernel: 0,
        DroppedByInterface: 0);

    /// <summary>
    /// Opens capture files, so that a wrong name shows before any work is done. Of several, those that hold no capture are passed
    /// over, and said at the end.
    /// </summary>
    /// <exception cref="CaptureException">One can't be opened, none holds a capture, or the filter is none.</exception>
    public static IPacketSource OpenFiles(IReadOnlyList<string> files, string? filter)
    {
        if (files.Count == 1)
            return Open(files[0], filter);
        List<MergedFile> open = [], waiting = [];
        List<string> damages = [];
        try
        {
            for (int number = 0; number < files.Count; number++)
                Open(files[number], filter, number, open, waiting, damages);
            return open.Count > 0 ? new MergedSource(open, waiting, damages) : throw Damaged(damages);
        }
        catch
        {
            foreach (var file in open)
                file.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public SourceStatus TryRead(out CapturedPacket packet)
    {
        packet = default;
        while (true)
        {
            if (!TryFill())
                return SourceStatus.Idle;
            var first = Earliest();
            if (_waiting.TryPeek(out var next) && (first is null || next.TimeNs <= first.TimeNs))
            {
                Admit(_waiting.Dequeue());
                continue;
            }

            if (first is null)
                return End();
            packet = first.Release();
            return SourceStatus.Packet;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var file in _files)
            file.Dispose();
    }

    // It can't be opened twice.
    private static bool IsPipe(IPacketSource source) => source.Figures.BytesTotal == 0;

    private static IPacketSource Open(string path, string? filter)
    {
        var source = PcapFileSource.Open(path, filter);
        return IsPipe(source) || AreTimesReal(path) ? source : new RetimedSource(source);
    }

    // A filter may let through a packet in a million.
    private static bool AreTimesReal(string path)
    {
        using var beginning = PcapFileSource.Open(path);
        return CaptureTimes.AreReal(beginning);
    }

    private static void Open(string path, string? filter, int number, List<MergedFile> open, List<MergedFile> waiting, List<string> damages)
    {
        try
        {
            var source = Open(path, filter);
            if (open.Count < KeptOpen || IsPipe(source))
            {
                open.Add(new MergedFile(number, source));
                return;
            }

            var file = new MergedFile(number, source, () => Open(path, filter));
            if (file.TryWait())
                waiting.Add(file);
        }
        catch (CaptureException e) when (e.IsDamage)
        {
            damages.Add(e.Message);
        }
    }

    private static CaptureException Damaged(List<string> damages) => new(string.Join("; ", damages)) { IsDamage = true };

    // False where one has nothing now: which packet is the earliest can't be told.
    private bool TryFill()
    {
        for (int i = 0; i < _open.Count;)
        {
            var status = _open[i].IsHeld ? SourceStatus.Packet : Fill(_open[i]);
            if (status == SourceStatus.Idle)
                return false;
            if (status == SourceStatus.Packet)
            {
                i++;
                continue;
            }

            _open[i].Dispose();
            _open.RemoveAt(i);
        }

        return true;
    }

    private SourceStatus Fill(MergedFile file)
    {
        try
        {
            var status = file.Fill();
            _isAnyWhole |= status == SourceStatus.End;
            return status;
        }
        catch (CaptureException e)
        {
            _damages.Add(e.Message);
            return SourceStatus.End;
        }
    }

    private MergedFile? Earliest()
    {
        MergedFile? earliest = null;
        foreach (var file in _open)
            if (earliest is null || file.TimeNs < earliest.TimeNs || (file.TimeNs == earliest.TimeNs && file.Number < earliest.Number))
                earliest = file;
        return earliest;
    }

    private void Admit(MergedFile file)
    {
        if (_open.Count == MostAtOnce)
            throw new CaptureException($"more than {MostAtOnce} of the files overlap in time; merge them first, for example with mergecap");
        _open.Add(file);
    }

    private SourceStatus End()
    {
        if (_damages.Count == 0)
            return SourceStatus.End;
        string others = _isAnyWhole ? "; what else there is was read to its end" : "";
        var error = new CaptureException(string.Join("; ", _damages) + others) { IsDamage = true };
        _damages.Clear();
        throw error;
    }
}
