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
/// Writes the audio of one role at its position, once, and its marks where they belong. Sections come in the order of their chunks; the result is a
/// <see cref="StreamBacklog"/>.
/// </summary>
/// <remarks>
/// Gaps are silence. The design's concealment of short gaps is left out: it would put samples into the stream that nobody said, and what a
/// listener gets would no longer be what was captured, sample by sample.
/// </remarks>
internal sealed class StreamAssembler(StreamBacklog backlog)
{
    // Longer jumps are no calls but broken positions, which would be filled with silence for hours.
    private static readonly TimeSpan LongestSilence = TimeSpan.FromHours(4);
    private const long LastPosition = 1L << 50;

    private int _sampleRate;

    /// <summary>What is to be sent.</summary>
    public StreamBacklog Backlog => backlog;

    /// <summary>Samples that came again, dropped.</summary>
    public long DuplicateSamples { get; private set; }

    /// <summary>Samples missing in gaps that were reported.</summary>
    public long GapSamples { get; private set; }

    /// <summary>Gaps that were reported.</summary>
    public long Gaps { get; private set; }

    /// <summary>Runs and positions that can't be: negative, or further away than any call is long.</summary>
    public long Unplaceable { get; private set; }

    /// <summary>Takes one chunk's section of this role.</summary>
    /// <param name="section">The section.</param>
    /// <param name="chunk">The chunk that it lies in.</param>
    /// <param name="rate">Sample rate in Hz.</param>
    /// <param name="before">What became of the chunks before it.</param>
    /// <param name="begunBefore">Another gateway has sent the beginning of the call.</param>
    public void Add(in MediaSection section, MediaBuffer chunk, int rate, Before before, bool begunBefore)
    {
        if (backlog.Ended is not null)
            return;
        _sampleRate = rate;
        if (!backlog.HasBegun)
            Begin(section, begunBefore);
        else if (before == Before.GivenUp)
            ReportGap(FirstKnown(section));
        else if (before == Before.UsedElsewhere && FirstKnown(section) > backlog.Tail)
            backlog.JumpTo(FirstKnown(section));
        foreach (var run in section.Runs)
            AddRun(run, chunk);
        FillTo(section.Through);
        foreach (var mark in section.Marks)
            AddMark(mark);
    }

    private void Begin(in MediaSection section, bool begunBefore)
    {
        long first = FirstKnown(section);
        bool hasAudio = HasAudio(section);
        if ((hasAudio || begunBefore) && first is >= 0 and < LastPosition)
            backlog.Begin(first, _sampleRate);
    }

    private void AddRun(in MediaRun run, MediaBuffer chunk)
    {
        var header = run.Header;
        if (!IsAudio(header) || !backlog.HasBegun)
            return;
        long end = header.Position + (run.Payload.Length / 2);
        long trimmed = Math.Clamp(backlog.Tail - header.Position, 0, end - header.Position);
        DuplicateSamples += trimmed;
        if (end <= backlog.Tail || !FillTo(header.Position))
            return;
        var bytes = chunk.Memory;
        if (bytes.Span.Overlaps(run.Payload, out int offset))
            backlog.AppendAudio(chunk, bytes.Slice(offset + ((int)trimmed * 2), run.Payload.Length - ((int)trimmed * 2)));
    }

    // Below "through", what no run covers is silence, for certain.
    private bool FillTo(long position)
    {
        if (!backlog.HasBegun || position <= backlog.Tail)
            return true;
        if (position - backlog.Tail > (long)LongestSilence.TotalSeconds * _sampleRate)
        {
            Unplaceable++;
            return false;
        }

        backlog.AppendSilence(position - backlog.Tail);
        return true;
    }

    private void ReportGap(long until)
    {
        long samples = until - backlog.Tail;
        if (samples <= 0 || samples > (long)LongestSilence.TotalSeconds * _sampleRate)
            return;
        Gaps++;
        GapSamples += samples;
        backlog.AppendEvent(new MediaMark { Kind = MarkKind.Gap, Position = backlog.Tail, Value = (uint)Math.Min(samples, uint.MaxValue) });
    }

    private void AddMark(in MediaMark mark)
    {
        if (mark.Kind != MarkKind.End)
        {
            backlog.AppendEvent(mark);
            return;
        }

        FillTo(mark.Position);
        backlog.Complete((EndReason)mark.Code);
    }

    private static long FirstKnown(in MediaSection section)
    {
        foreach (var run in section.Runs)
            if (IsAudio(run.Header))
                return run.Header.Position;
        return section.Through;
    }

    private static bool HasAudio(in MediaSection section)
    {
        foreach (var run in section.Runs)
            if (IsAudio(run.Header))
                return true;
        return false;
    }

    private static bool IsAudio(in RunHeader header) =>
        header.Codec == MediaCodec.L16 && (header.Flags & RunFlags.History) == 0 && header.Position is >= 0 and < LastPosition;
}
