using CallMirror.Contracts.Media;

namespace CallMirror.WsGateway.Assembly;

/// <summary>
/// What one source has said of one role's stream, at the stream's positions, as far as it is not written yet. Holds references to the chunks of its
/// runs.
/// </summary>
internal sealed class SourceStream(SourcePlacement placement) : IDisposable
{
    // A filter looks no further to either side than half of what capture repeats as history; in samples of the RTP clock, 8 kHz.
    private const int FilterReach = MediaLayout.HistorySamples / 2;
    private const int RtpClock = 8000;

    private readonly Queue<HeldRun> _runs = new();
    private readonly Queue<UnknownStretch> _unknown = new();
    private long _ownReach;
    private long _ownAudioEnd = -1;
    private long _edgeUntil = -1;
    private long _taken;

    /// <summary>It has sent something not long ago, so what it has not said yet is waited for.</summary>
    public bool IsActive { get; set; }

    /// <summary>It knows of the stream.</summary>
    public bool HasBegun { get; private set; }

    /// <summary>The first position that it knows of.</summary>
    public long From { get; private set; }

    /// <summary>It has sent all it has before this position.</summary>
    public long Through { get; private set; } = -1;

    /// <summary>The source says that the stream is over.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>More may come from it, and is waited for.</summary>
    public bool IsAwaited => IsActive && HasBegun && !HasEnded;

    /// <summary>Where one of the source's own positions is in the stream.</summary>
    public long Map(long position) => placement.Map(position);

    /// <summary>Takes a run in.</summary>
    /// <param name="header">The run.</param>
    /// <param name="chunk">The chunk that it lies in.</param>
    /// <param name="audio">Its samples.</param>
    /// <param name="closes">Silence follows it, or a gap.</param>
    /// <param name="rate">Samples a second.</param>
    /// <param name="first">Where it begins in the stream; -1 where all of it came before.</param>
    /// <returns>Samples that this source has sent before.</returns>
    public long Add(in RunHeader header, MediaBuffer chunk, ReadOnlyMemory<byte> audio, bool closes, int rate, out long first)
    {
        long samples = audio.Length / 2;
        long again = Math.Clamp(_ownReach - header.Position, 0, samples);
        bool opens = header.Position + again != _ownAudioEnd;
        first = -1;
        long edge = FilterReach * (long)rate / RtpClock;
        long length;
        for (long done = again; done < samples; done += length)
        {
            var point = new RtpPoint(header.Ssrc, header.Timestamp, done);
            long at = placement.Place(point, header.Position + done, samples - done, out length);
            if (opens && done == again)
                _edgeUntil = at + edge;
            first = first < 0 ? at : first;
            long end = at + length;
            bool isLast = done + length == samples;
            _runs.Enqueue(new HeldRun(at, Math.Max(at, _edgeUntil), closes && isLast ? end - edge : end, chunk.AddReference(), audio.Slice((int)done * 2, (int)length * 2)));
            Know(at, end);
        }

        _ownAudioEnd = Math.Max(_ownAudioEnd, header.Position + samples);
        _ownReach = Math.Max(_ownReach, _ownAudioEnd);
        return again;
    }

    /// <summary>What one of its chunks held, before a position, never came.</summary>
    public void Miss(long from, long to) => _unknown.Enqueue(new UnknownStretch(from, to));

    /// <summary>It has sent all it has before one of its own positions.</summary>
    public void Reach(long position)
    {
        _ownReach = Math.Max(_ownReach, position);
        Know(Map(position), Map(position));
    }

    /// <summary>It says that the stream is over.</summary>
    public void End() => HasEnded = true;

    /// <summary>Its oldest run that is not written.</summary>
    public bool TryPeek(out HeldRun run) => _runs.TryPeek(out run);

    /// <summary>So many samples of its oldest run are written.</summary>
    public void Take(long samples) => _taken += samples;

    /// <summary>Lets go of what lies before a position.</summary>
    /// <returns>Samples that were not taken.</returns>
    public long DropBefore(long position)
    {
        long dropped = 0;
        while (_runs.TryPeek(out var run) && run.End <= position)
        {
            dropped += run.End - run.Position - _taken;
            _taken = 0;
            _runs.Dequeue().Owner.Dispose();
        }

        while (_unknown.TryPeek(out var unknown) && unknown.To <= position)
            _unknown.Dequeue();
        return dropped;
    }

    /// <summary>Whether it knows that a position is silence, or may have lost what was there.</summary>
    /// <param name="position">The position.</param>
    /// <param name="until">Up to where the answer is the same, at most; lowered, never raised.</param>
    public Knowledge At(long position, ref long until)
    {
        if (!HasBegun || position >= Through)
            return Knowledge.None;
        if (position < From)
        {
            until = Math.Min(until, From);
            return Knowledge.None;
        }

        until = Math.Min(until, Through);
        if (!_unknown.TryPeek(out var unknown))
            return Knowledge.Silence;
        bool isLost = position >= unknown.From;
        until = Math.Min(until, isLost ? unknown.To : unknown.From);
        return isLost ? Knowledge.Lost : Knowledge.Silence;
    }

    /// <summary>Gives all buffers back.</summary>
    public void Dispose() => DropBefore(long.MaxValue);

    private void Know(long from, long through)
    {
        if (!HasBegun)
            (HasBegun, From) = (true, from);
        Through = Math.Max(Through, through);
    }
}

/// <summary>What a source knows of a position where it has no audio.</summary>
internal enum Knowledge
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>There was silence.</summary>
    Silence,

    /// <summary>The chunk that held it never came.</summary>
    Lost,
}
