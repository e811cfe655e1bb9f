using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Media;

namespace CallMirror.WsGateway.Assembly;

/// <summary>
/// What a stream has to send, and what of it may have to be sent again. The assembler appends at the tail, the sender takes frames and events at the
/// cursor, and what a listener has for certain is let go at the head. The samples stay in their chunks, of which it holds references.
/// </summary>
/// <param name="keep">How much audio is kept for a listener that acknowledges.</param>
/// <param name="awaited">How much while its ack is awaited; as much as <paramref name="keep"/> where that is more.</param>
internal sealed class StreamBacklog(TimeSpan keep, TimeSpan awaited = default) : IDisposable
{
    private const int FramesPerSecond = 50;
    private const int BytesPerSample = 2;

    private readonly SegmentQueue _segments = new();
    private readonly EventQueue _events = new();
    private byte[] _silence = [];
    private byte[]? _scratch;
    private byte[]? _spare;
    private int _frameSamples;
    private long _keepSamples;
    private long _awaitedSamples;
    private int _current;
    private bool _endTaken;
    private bool _plain;

    /// <summary>The stream has its first sample.</summary>
    public bool HasBegun { get; private set; }

    /// <summary>Position of the stream's first sample.</summary>
    public long Start { get; private set; }

    /// <summary>The position after the last sample that is known.</summary>
    public long Tail { get; private set; }

    /// <summary>The position of the first sample that is kept.</summary>
    public long Head => _segments.Count > 0 ? _segments[0].Position : Tail;

    /// <summary>The position of the next sample to send.</summary>
    public long Cursor { get; private set; }

    /// <summary>What has been handed to the listener's socket.</summary>
    public long Flushed { get; private set; }

    /// <summary>What the listener says that it has stored; -1 where it never said so.</summary>
    public long Acked { get; private set; } = -1;

    /// <summary>Why the stream is over, once nothing can be appended any more.</summary>
    public EndReason? Ended { get; private set; }

    /// <summary>Events that were dropped because too many waited.</summary>
    public long EventsDropped => _events.Dropped;

    /// <summary>There is something to send.</summary>
    public bool HasOutput => HasBegun && NextKind() != OutputKind.None;

    /// <summary>
    /// The listener is one that acknowledges, and has been silent for a moment only: what it has not acknowledged is kept, however much was sent meanwhile. Behind an outage that is
    /// seconds of audio within milliseconds, and a listener that dies with it in its socket has none of it.
    /// </summary>
    public bool AwaitsAck { get; set; }

    /// <summary>Everything before this position is the listener's: stored where it acknowledges, handed to the socket where it does not.</summary>
    public long Secured
    {
        get
        {
            if (!HasBegun)
                return long.MaxValue;
            return Acked >= 0 || AwaitsAck ? KeepFrom() : Flushed;
        }
    }

    /// <summary>The stream is over and all of it has been taken.</summary>
    public bool IsDrained => Ended is not null && (!HasBegun || _endTaken);

    /// <summary>Begins the stream; frames are counted from here.</summary>
    public void Begin(long position, int sampleRate)
    {
        HasBegun = true;
        Start = Tail = Cursor = Flushed = position;
        _frameSamples = sampleRate / FramesPerSecond;
        _keepSamples = (long)(keep.TotalSeconds * sampleRate);
        _awaitedSamples = Math.Max(_keepSamples, (long)(awaited.TotalSeconds * sampleRate));
        _silence = SilentFrames.Of(_frameSamples * BytesPerSample);
    }

    /// <summary>Appends samples at the tail; takes a reference of its own to <paramref name="owner"/>.</summary>
    public void AppendAudio(MediaBuffer owner, ReadOnlyMemory<byte> audio)
    {
        int samples = audio.Length / BytesPerSample;
        _segments.Append(new Segment(Tail, samples, owner.AddReference(), audio));
        Tail += samples;
    }

    /// <summary>Appends silence at the tail.</summary>
    public void AppendSilence(long samples)
    {
        if (samples <= 0)
            return;
        _segments.Append(new Segment(Tail, samples, null, default));
        Tail += samples;
    }

    /// <summary>Goes on at a later position: another gateway has sent all before it, what waits here included.</summary>
    public void JumpTo(long position)
    {
        _events.Clear();
        Release(long.MaxValue);
        if (!Jumped)
            JumpedFrom = Tail;
        Tail = Cursor = Flushed = position;
        (Acked, _current) = (-1, 0);
        Jumped = true;
    }

    /// <summary>What was known before it has jumped ends here: what lies between is another gateway's to have sent.</summary>
    public long JumpedFrom { get; private set; } = -1;

    /// <summary>It has jumped, and no connection goes on from there yet.</summary>
    public bool Jumped { get; private set; }

    /// <summary>A connection goes on from where it has jumped to.</summary>
    public void GoneOn() => Jumped = false;

    /// <summary>Adds an event; it is sent when all samples before its position have been.</summary>
    public void AppendEvent(in MediaMark mark) => _events.Append(mark);

    /// <summary>Ends the stream at its tail.</summary>
    public void Complete(EndReason reason) => Ended ??= reason;

    /// <summary>Takes what comes next, and moves the cursor behind it.</summary>
    public StreamOutput Next()
    {
        var kind = NextKind();
        switch (kind)
        {
            case OutputKind.Event:
                return new StreamOutput(kind, default, _events.Take(Cursor));
            case OutputKind.Frame:
                Seek();
                bool isHeard = !_segments[_current].IsSilence;
                return new StreamOutput(kind, TakeFrame((int)Math.Min(_frameSamples, Tail - Cursor)), default) { IsHeard = isHeard };
            case OutputKind.End:
                _endTaken = true;
                break;
        }

        return new StreamOutput(kind, default, default);
    }

    /// <summary>All that was taken has been handed to the socket.</summary>
    public void MarkFlushed()
    {
        Flushed = Cursor;
        _events.MarkFlushed();
        // A listener that has not said a word for so long is one that never does.
        _plain |= Acked < 0 && !AwaitsAck && Flushed - Start > _keepSamples;
        CopyRest();
        Release(KeepFrom());
    }

    /// <summary>The listener says that it has stored everything before a position.</summary>
    public void Acknowledge(long position)
    {
        if (position <= Acked)
            return;
        Acked = position;
        _plain = false;
        Release(KeepFrom());
    }

    /// <summary>
    /// Goes back to where a new connection goes on. What is no longer kept becomes silence with a gap event.
    /// </summary>
    /// <returns>Samples that are no longer kept.</returns>
    public long Rewind(long position)
    {
        long lost = Math.Max(0, Head - position);
        _events.Rewind(position, Acked >= 0);
        if (lost > 0)
        {
            _segments.Prepend(new Segment(position, lost, null, default));
            _events.InsertNext(new MediaMark { Kind = MarkKind.Gap, Position = position, Value = (uint)Math.Min(lost, uint.MaxValue) });
        }

        Cursor = Flushed = position;
        _current = 0;
        _endTaken = false;
        return lost;
    }

    /// <summary>Lets go of everything, as nobody will ever get it.</summary>
    public void Discard()
    {
        _events.Clear();
        Cursor = Flushed = Tail;
        Release(Tail);
    }

    /// <summary>Gives all buffers back.</summary>
    public void Dispose()
    {
        while (_segments.Count > 0)
            RemoveFirst();
    }

    private OutputKind NextKind()
    {
        bool atEnd = Ended is not null && Cursor >= Tail;
        if (_events.TryPeek(out var mark) && (mark.Position <= Cursor || atEnd))
            return OutputKind.Event;
        if (Tail - Cursor >= _frameSamples || (Ended is not null && Cursor < Tail))
            return OutputKind.Frame;
        return atEnd && !_endTaken ? OutputKind.End : OutputKind.None;
    }

    private long KeepFrom()
    {
        if (AwaitsAck)
            return Math.Max(Math.Min(Math.Max(Acked, Start), Flushed), Flushed - _awaitedSamples);
        if (Acked >= 0)
            return Math.Max(Math.Min(Acked, Flushed), Flushed - _keepSamples);
        return _plain ? Flushed : Start;
    }

    private void Release(long before)
    {
        while (_segments.Count > 0 && _segments[0].End <= before)
        {
            RemoveFirst();
            _current = Math.Max(0, _current - 1);
        }
    }

    // What is left of the last chunk is less than a frame and waits for the next: for its sake all of the chunk would be kept.
    private void CopyRest()
    {
        if (_segments.Count == 0)
            return;
        ref var last = ref _segments[_segments.Count - 1];
        int samples = (int)Math.Min(last.End - Cursor, last.Samples);
        if (last.Owner is not { } chunk || samples <= 0 || samples >= _frameSamples)
            return;
        byte[] copy = _spare ?? new byte[_frameSamples * BytesPerSample];
        _spare = null;
        int bytes = samples * BytesPerSample;
        last.Audio[^bytes..].CopyTo(copy);
        var rest = new Segment(last.End - samples, samples, null, copy.AsMemory(0, bytes)) { Copy = copy };
        if (samples < last.Samples)
        {
            last = last with { Samples = last.Samples - samples, Audio = last.Audio[..^bytes] };
            _segments.Append(rest);
        }
        else
        {
            last = rest;
            chunk.Dispose();
        }
    }

    // A stream has a rest with nearly every chunk: one copy's place is used for the next.
    private void RemoveFirst()
    {
        var first = _segments.RemoveFirst();
        first.Owner?.Dispose();
        _spare ??= first.Copy;
    }

    private ReadOnlyMemory<byte> TakeFrame(int samples)
    {
        Seek();
        ref var segment = ref _segments[_current];
        if (segment.End - Cursor >= samples)
        {
            var whole = Slice(segment, samples);
            Cursor += samples;
            return whole;
        }

        return Gather(samples);
    }

    // A frame across segments: behind a rest that was copied there is room for what it lacks.
    private ReadOnlyMemory<byte> Gather(int samples)
    {
        ref var first = ref _segments[_current];
        bool isRest = first.Copy is not null && Cursor == first.Position;
        byte[] frame = isRest ? first.Copy! : _scratch ??= new byte[_frameSamples * BytesPerSample];
        int filled = isRest ? (int)first.Samples : 0;
        Cursor += filled;
        while (filled < samples)
        {
            Seek();
            ref var segment = ref _segments[_current];
            int part = (int)Math.Min(samples - filled, segment.End - Cursor);
            Slice(segment, part).Span.CopyTo(frame.AsSpan(filled * BytesPerSample));
            filled += part;
            Cursor += part;
        }

        return frame.AsMemory(0, samples * BytesPerSample);
    }

    private void Seek()
    {
        while (_segments[_current].End <= Cursor)
            _current++;
    }

    private ReadOnlyMemory<byte> Slice(in Segment segment, int samples) =>
        segment.IsSilence
            ? _silence.AsMemory(0, samples * BytesPerSample)
            : segment.Audio.Slice((int)(Cursor - segment.Position) * BytesPerSample, samples * BytesPerSample);
}
