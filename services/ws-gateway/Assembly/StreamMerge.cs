using CallMirror.Contracts.Media;

namespace CallMirror.WsGateway.Assembly;

/// <summary>
/// Writes what the sources of one role know to the stream: each sample once, whoever had it. Audio that is next is written at once; silence, and
/// samples for which another source may have better ones, only where all sources that are waited for have said all they have.
/// </summary>
internal sealed class StreamMerge(StreamBacklog backlog, List<SourceStream> sources)
{
    /// <summary>Samples that came from more than one source, or too late.</summary>
    public long DuplicateSamples { get; private set; }

    /// <summary>Samples missing in gaps that were reported.</summary>
    public long GapSamples { get; private set; }

    /// <summary>Gaps that were reported.</summary>
    public long Gaps { get; private set; }

    /// <summary>Writes all that can be.</summary>
    public void Run()
    {
        if (!backlog.HasBegun)
            return;
        long limit = Limit();
        do
            DropWritten();
        while (TryWriteAudio(limit) || TryWriteSilence(limit));
    }

    /// <summary>Lets go of what the sources hold.</summary>
    public void Clear()
    {
        foreach (var source in sources)
            source.Dispose();
    }

    // Where nobody is waited for, up to what anybody knows.
    private long Limit()
    {
        long least = long.MaxValue;
        long most = -1;
        foreach (var source in sources)
        {
            if (source.IsAwaited)
                least = Math.Min(least, source.Through);
            most = Math.Max(most, source.Through);
        }

        return Math.Min(least, most);
    }

    private void DropWritten()
    {
        foreach (var source in sources)
            DuplicateSamples += source.DropBefore(backlog.Tail);
    }

    private bool TryWriteAudio(long limit)
    {
        SourceStream? best = null;
        HeldRun run = default;
        foreach (var source in sources)
        {
            if (!source.TryPeek(out var candidate) || candidate.Position > backlog.Tail || (best is not null && !candidate.HasCoreAt(backlog.Tail)))
                continue;
            (best, run) = (source, candidate);
            if (run.HasCoreAt(backlog.Tail))
                break;
        }

        long until = best is null ? 0 : Until(best, run, limit);
        if (until <= backlog.Tail)
            return false;
        best!.Take(until - backlog.Tail);
        backlog.AppendAudio(run.Owner, run.Slice(backlog.Tail, until));
        return true;
    }

    // The whole run where no other source may have better samples, its core before that is known, and its edges where no other has a core.
    private long Until(SourceStream of, in HeldRun run, long limit)
    {
        bool isCore = run.HasCoreAt(backlog.Tail);
        long until = isCore ? Math.Max(run.CoreTo, Math.Min(limit, run.End)) : Math.Min(limit, run.End);
        foreach (var other in sources)
        {
            if (other == of || !other.TryPeek(out var theirs) || theirs.Position >= run.End)
                continue;
            if (isCore)
                until = Math.Min(until, run.CoreTo);
            else if (theirs.CoreFrom > backlog.Tail)
                until = Math.Min(until, theirs.CoreFrom);
        }

        return !isCore && run.CoreFrom > backlog.Tail && run.CoreFrom < until && sources.Count > 1 ? run.CoreFrom : until;
    }

    private bool TryWriteSilence(long limit)
    {
        long until = limit;
        foreach (var source in sources)
            if (source.TryPeek(out var run))
                until = Math.Min(until, run.Position);
        if (until <= backlog.Tail)
            return false;
        if (IsLost(ref until))
            ReportGap(until - backlog.Tail);
        backlog.AppendSilence(until - backlog.Tail);
        return true;
    }

    // A gap is only where one source has lost something and no other knows what was there.
    private bool IsLost(ref long until)
    {
        bool isLost = false;
        bool isSilence = false;
        foreach (var source in sources)
        {
            var knowledge = source.At(backlog.Tail, ref until);
            isLost |= knowledge == Knowledge.Lost;
            isSilence |= knowledge == Knowledge.Silence;
        }

        return isLost && !isSilence;
    }

    private void ReportGap(long samples)
    {
        Gaps++;
        GapSamples += samples;
        backlog.AppendEvent(new MediaMark { Kind = MarkKind.Gap, Position = backlog.Tail, Value = (uint)Math.Min(samples, uint.MaxValue) });
    }
}
