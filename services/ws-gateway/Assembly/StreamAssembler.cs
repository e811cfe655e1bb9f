using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Media;

namespace CallMirror.WsGateway.Assembly;

/// <summary>What became of the chunks before one.</summary>
internal enum Before
{
    /// <summary>They were used.</summary>
    Used,

    /// <summary>They were given up: what they held is missing.</summary>
    GivenUp,

    /// <summary>Another gateway has used them: its listener has what they held.</summary>
    UsedElsewhere,
}

/// <summary>
/// Writes the audio of one role at its position, once, and its marks where they belong. Sections of a source come in the order of their chunks; the
/// result is a <see cref="StreamBacklog"/>.
/// </summary>
/// <remarks>
/// Gaps are silence. The design's concealment of short gaps is left out: it would put samples into the stream that nobody said, and what a
/// listener gets would no longer be what was captured, sample by sample.
/// </remarks>
internal sealed class StreamAssembler : IDisposable
{
    // Longer jumps are no calls but broken positions, which would be filled with silence for hours.
    private static readonly TimeSpan LongestSilence = TimeSpan.FromHours(4);
    private const long LastPosition = 1L << 50;

    // Two captures see a mark as far apart as their clocks are: a tenth of a second at most.
    private const int MarkNearness = 10;

    private readonly StretchMap _map = new();
    private readonly List<SourceStream> _sources = new(1);
    private readonly MarkFilter _marks = new();
    private readonly StreamMerge _merge;
    private int _sampleRate;
    private long _duplicates;
    private EndReason? _reason;

    public StreamAssembler(StreamBacklog backlog)
    {
        Backlog = backlog;
        _merge = new StreamMerge(backlog, _sources);
    }

    /// <summary>What is to be sent.</summary>
    public StreamBacklog Backlog { get; }

    /// <summary>Samples that came again, dropped; from another source too.</summary>
    public long DuplicateSamples => _duplicates + _merge.DuplicateSamples;

    /// <summary>Samples missing in gaps that were reported.</summary>
    public long GapSamples => _merge.GapSamples;

    /// <summary>Gaps that were reported.</summary>
    public long Gaps => _merge.Gaps;

    /// <summary>Runs and positions that can't be: negative, or further away than any call is long.</summary>
    public long Unplaceable { get; private set; }

    /// <summary>Gives a slot to a source; whoever had it is silent.</summary>
    public void Open(int slot, SourceSkew skew)
    {
        var source = new SourceStream(new SourcePlacement(_map, skew));
        if (slot == _sources.Count)
        {
            _sources.Add(source);
        }
        else
        {
            _sources[slot].Dispose();
            _sources[slot] = source;
            _marks.Forget(slot);
        }

        _map.IsShared = _sources.Count > 1;
    }

    /// <summary>Whether what a source may still send is waited for, from the next <see cref="Advance"/> on.</summary>
    public void SetActive(int slot, bool isActive) => _sources[slot].IsActive = isActive;

    /// <summary>Takes one chunk's section of this role.</summary>
    /// <param name="section">The section.</param>
    /// <param name="slot">The slot of the chunk's source.</param>
    /// <param name="chunk">The chunk that it lies in.</param>
    /// <param name="rate">Sample rate in Hz.</param>
    /// <param name="before">What became of the source's chunks before it.</param>
    /// <param name="begunBefore">Another gateway has sent the beginning of the call.</param>
    public void Add(in MediaSection section, int slot, MediaBuffer chunk, int rate, Before before, bool begunBefore)
    {
        if (Backlog.Ended is not null)
            return;
        _sampleRate = _map.SampleRate = rate;
        var source = _sources[slot];
        long through = source.HasBegun ? source.Through : -1;
        long first = AddRuns(section, source, chunk);
        bool hasAudio = first >= 0;
        first = hasAudio || !IsPosition(section.Through) ? first : source.Map(section.Through);
        if (!Backlog.HasBegun && first >= 0 && (hasAudio || begunBefore))
            Backlog.Begin(first, _sampleRate);
        else if (before == Before.GivenUp && through >= 0 && first > through && first - through <= MaxSilence)
            source.Miss(through, first);
        else if (before == Before.UsedElsewhere && Backlog.HasBegun && first > Backlog.Tail)
            Backlog.JumpTo(first);
        Reach(source, section.Through);
        _merge.Run();
        foreach (var mark in section.Marks)
            AddMark(mark, source, slot);
    }

    /// <summary>Writes what nobody waits for any more.</summary>
    public void Advance()
    {
        if (Backlog.Ended is not null)
            return;
        _merge.Run();
        if (_reason is null || _sources.Exists(static source => source.IsActive && !source.HasEnded))
            return;
        Backlog.Complete(_reason.Value);
        _merge.Clear();
    }

    /// <summary>Whether all is written that a source had said by the time it reached a position.</summary>
    public bool HasWritten(long through) => Backlog.Ended is not null || !Backlog.HasBegun || Backlog.Tail >= through;

    /// <summary>How far a source reaches by now, for <see cref="HasWritten"/>.</summary>
    public long Reached(int slot) => _sources[slot].HasEnded ? long.MaxValue : _sources[slot].Through;

    /// <inheritdoc/>
    public void Dispose()
    {
        _merge.Clear();
        Backlog.Dispose();
    }

    // The position of the first sample; -1 where there is no audio.
    private long AddRuns(in MediaSection section, SourceStream source, MediaBuffer chunk)
    {
        long first = -1;
        var runs = section.Runs;
        while (runs.MoveNext())
        {
            var run = runs.Current;
            if (!IsAudio(run.Header) || !chunk.Memory.Span.Overlaps(run.Payload, out int offset))
                continue;
            long known = Math.Max(Backlog.HasBegun ? Backlog.Tail : long.MinValue, source.HasBegun ? source.Through : long.MinValue);
            if (known >= 0 && source.Map(run.Header.Position) - known > MaxSilence)
            {
                Unplaceable++;
                continue;
            }

            bool closes = Closes(section, runs, run.Header.Position + (run.Payload.Length / 2));
            _duplicates += source.Add(run.Header, chunk, chunk.Memory.Slice(offset, run.Payload.Length), closes, _sampleRate, out long at);
            first = first < 0 ? at : first;
        }

        return first;
    }

    private void Reach(SourceStream source, long through)
    {
        if (!Backlog.HasBegun || through < 0)
            return;
        if (through >= LastPosition || source.Map(through) - Math.Max(Backlog.Tail, source.Through) > MaxSilence)
            Unplaceable++;
        else
            source.Reach(through);
    }

    private void AddMark(in MediaMark mark, SourceStream source, int slot)
    {
        if (mark.Kind == MarkKind.End)
        {
            Reach(source, mark.Position);
            source.End();
            _reason ??= (EndReason)mark.Code;
            Advance();
            return;
        }

        var placed = mark with { Position = source.Map(mark.Position) };
        if (_marks.IsNew(placed, slot, _sampleRate / MarkNearness))
            Backlog.AppendEvent(placed);
    }

    private long MaxSilence => (long)LongestSilence.TotalSeconds * _sampleRate;

    // Whether silence or a gap follows the run that ends here: then its last samples were filtered as if nothing came after them.
    private static bool Closes(in MediaSection section, MediaRunEnumerator after, long end)
    {
        if (after.MoveNext())
            return after.Current.Header.Position != end;
        return (section.Flags & SectionFlags.Open) == 0 || section.Through != end;
    }

    private static bool IsPosition(long position) => position is >= 0 and < LastPosition;

    private static bool IsAudio(in RunHeader header) =>
        header.Codec == MediaCodec.L16 && (header.Flags & RunFlags.History) == 0 && IsPosition(header.Position);
}
