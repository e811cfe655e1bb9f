using System.Text;
using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Media;
using CallMirror.Contracts.Naming;
using CallMirror.Messaging.Media;

namespace CallMirror.WsGateway.Assembly;

/// <summary>Why a message in a lane is no chunk of its call.</summary>
internal enum ChunkError
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>It is no media message.</summary>
    NoMediaMessage,

    /// <summary>It is an RTP batch.</summary>
    NoL16Chunk,

    /// <summary>It is of another call.</summary>
    OtherCall,

    /// <summary>It is of another call of the same Call-ID, whose own lane has it too.</summary>
    OtherEpoch,

    /// <summary>More captures than <see cref="CallSources.Max"/> send chunks of the call at a time.</summary>
    TooManySources,

    /// <summary>Frames of 20 ms are no whole number of samples, or the rate is not the one that the call began with.</summary>
    SampleRate,
}

/// <summary>
/// The chunks of one call, from one capture or several, in any order and more than once, to the streams of its two roles. It takes deliveries and
/// says which of them are dealt with; it does no I/O.
/// </summary>
internal sealed class CallAssembler : IDisposable
{
    /// <summary>Caller and callee.</summary>
    public const int Roles = 2;

    private readonly CallKey _key;
    private readonly byte[] _callIdUtf8;
    private readonly HeldBytes _bytes;
    private readonly CallSources _sources;
    private readonly StreamAssembler[] _streams;
    private readonly bool[] _seen = new bool[Roles];
    private int _subscription;
    private int _sampleRate;
    private bool _firstUsed;

    public CallAssembler(in CallKey call, ChunkLimits limits, TimeSpan keep, TimeSpan awaited = default)
    {
        _key = call;
        _callIdUtf8 = Encoding.UTF8.GetBytes(call.CallId);
        _bytes = new HeldBytes(limits.MaxHeldBytes, limits.Total);
        _sources = new CallSources(limits, _bytes);
        _streams = [new(new StreamBacklog(keep, awaited)), new(new StreamBacklog(keep, awaited))];
    }

    /// <summary>The stream of a role.</summary>
    public StreamAssembler this[int role] => _streams[role];

    /// <summary>Samples a second; 0 before the first chunk.</summary>
    public int SampleRate => _sampleRate;

    /// <summary>Chunks that wait: for an earlier one of their source, or for another source.</summary>
    public int HeldCount
    {
        get
        {
            int count = 0;
            foreach (var source in _sources.All)
                count += source.Order.HeldCount + source.Used.Count;
            return count;
        }
    }

    /// <summary>A chunk has been used. Before, this gateway may be one of many that stand by.</summary>
    public bool HasBegun => _firstUsed;

    /// <summary>
    /// What the held chunks wait for may never come: another gateway may have used it while the lane was its, or another capture that has said
    /// nothing of it is gone.
    /// </summary>
    public bool MayWaitInVain
    {
        get
        {
            bool waitsForChunk = false;
            foreach (var source in _sources.All)
                waitsForChunk |= source.Order.HeldCount > 0 && !source.Order.MayHaveMissed;
            return !waitsForChunk && HeldCount > 0;
        }
    }

    /// <summary>The lane was joined again so lately that who sends into it may not be back.</summary>
    public bool IsJustJoinedAgain
    {
        get
        {
            foreach (var source in _sources.All)
                if (source.Order.IsJustJoinedAgain)
                    return true;
            return false;
        }
    }

    /// <summary>By the clock, when some held chunks wait no longer though nothing more comes: <see cref="Recheck"/> then.</summary>
    public TimeSpan? OverdueIn
    {
        get
        {
            TimeSpan? least = null;
            foreach (var source in _sources.All)
                if (source.Order.OverdueIn is { } due && !(due >= least))
                    least = due;
            return least;
        }
    }

    /// <summary>Another gateway has sent the beginning of the call.</summary>
    public bool TakenOver { get; private set; }

    /// <summary>Chunks dropped because they had been used or given up before.</summary>
    public long DroppedChunks { get; private set; }

    /// <summary>Times that chunks were given up.</summary>
    public long Skips { get; private set; }

    /// <summary>Chunks that no longer waited for a slower source, as too much waited.</summary>
    public long Hurried { get; private set; }

    /// <summary>Both roles have ended.</summary>
    public bool IsOver => _streams[0].Backlog.Ended is not null && _streams[1].Backlog.Ended is not null;

    /// <summary>Every role that had a word said about it has ended.</summary>
    public bool SeenRolesAreOver
    {
        get
        {
            for (int role = 0; role < Roles; role++)
                if (_seen[role] && _streams[role].Backlog.Ended is null)
                    return false;
            return _seen[0] || _seen[1];
        }
    }

    /// <summary>Takes a message in. Deliveries that need not come again are added to <paramref name="settled"/>.</summary>
    /// <returns>False where it is no chunk of this call: then it is the caller's to reject.</returns>
    public bool TryAdd(MediaDelivery delivery, ICollection<SettledChunk> settled, out ChunkError error)
    {
        error = Check(delivery, out var message);
        if (error != ChunkError.None)
            return false;
        if (FindSource(message.Header) is not { } source)
        {
            error = ChunkError.TooManySources;
            return false;
        }

        if (delivery.Subscription != _subscription)
            LetGo(delivery, settled);
        switch (source.Order.Offer(delivery, message.Header))
        {
            case ChunkVerdict.InOrder:
                Use(source, delivery, message, Before.Used);
                break;
            case ChunkVerdict.Past:
                DroppedChunks++;
                Keep(source, delivery);
                break;
        }

        TakeHeld(settled);
        Advance(settled);
        return true;
    }

    /// <summary>Time has gone on without a chunk: what is overdue by now is waited for no longer.</summary>
    public void Recheck(ICollection<SettledChunk> settled)
    {
        TakeHeld(settled);
        Advance(settled);
    }

    /// <summary>Nothing came for too long: whatever is held goes on without what it waited for.</summary>
    public void GiveUpWaiting(ICollection<SettledChunk> settled)
    {
        foreach (var source in _sources.All)
            source.Order.GiveUpWaiting();
        TakeHeld(settled);
        StopWaiting();
        Advance(settled);
    }

    /// <summary>Ends the streams that have not ended yet, where they are.</summary>
    public void Complete(EndReason reason)
    {
        StopWaiting();
        foreach (var stream in _streams)
            stream.Backlog.Complete(reason);
    }

    /// <summary>Gives all buffers back.</summary>
    public void Dispose()
    {
        _bytes.Clear();
        foreach (var stream in _streams)
            stream.Dispose();
    }

    private ChunkError Check(MediaDelivery delivery, out MediaMessage message)
    {
        if (!MediaMessage.TryParse(delivery.Body.Span, out message, out _))
            return ChunkError.NoMediaMessage;
        var header = message.Header;
        if (header.Kind != MediaKind.L16Chunk)
            return ChunkError.NoL16Chunk;
        if (!message.CallIdUtf8.SequenceEqual(_callIdUtf8))
            return ChunkError.OtherCall;
        if (!_key.IsEpoch(header.Epoch))
            return ChunkError.OtherEpoch;
        if (header.SampleRate % 50 != 0 || (_sampleRate != 0 && header.SampleRate != _sampleRate))
            return ChunkError.SampleRate;
        _sampleRate = header.SampleRate;
        return ChunkError.None;
    }

    private CallSource? FindSource(in MediaHeader header)
    {
        var found = _sources.Find(header, out bool isNew);
        foreach (var stream in _streams)
        {
            if (isNew)
                stream.Open(found!.Slot, found.Skew);
            foreach (var source in _sources.All)
                stream.SetActive(source.Slot, _sources.IsActive(source));
        }

        return found;
    }

    // What was used and is not settled comes again too, and is settled then: its samples are here already.
    private void LetGo(MediaDelivery firstOfAnother, ICollection<SettledChunk> settled)
    {
        _subscription = firstOfAnother.Subscription;
        foreach (var source in _sources.All)
        {
            foreach (var again in source.Order.LetGo(firstOfAnother.IsAfterOutage))
                settled.Add(new SettledChunk(again, long.MinValue, long.MinValue));
            while (source.Used.TryDequeue(out var used))
                Settle(used, settled);
        }
    }

    private void TakeHeld(ICollection<SettledChunk> settled)
    {
        foreach (var source in _sources.All)
        {
            while (source.Order.TryTake(out var delivery, out bool afterSkip, out bool elsewhere))
            {
                if (afterSkip && !elsewhere)
                    Skips++;
                // Checked when it came in.
                if (!MediaMessage.TryParse(delivery.Body.Span, out var message, out _))
                    continue;
                Use(source, delivery, message, elsewhere ? Before.UsedElsewhere : afterSkip ? Before.GivenUp : Before.Used);
                // What is settled makes room for the rest.
                SettleWritten(settled);
            }
        }
    }

    private void Use(CallSource source, MediaDelivery delivery, in MediaMessage message, Before before)
    {
        if (!_firstUsed)
            TakenOver = source.Order.BeganLate || delivery.Redelivered;
        _firstUsed = true;
        foreach (var section in message)
        {
            if (section.Role >= Roles)
                continue;
            _seen[section.Role] = true;
            _streams[section.Role].Add(section, source.Slot, delivery.Buffer, _sampleRate, before, TakenOver);
        }

        Keep(source, delivery);
    }

    private void Keep(CallSource source, MediaDelivery delivery)
    {
        _bytes.Add(delivery.Body.Length);
        source.Used.Enqueue(new UsedChunk(delivery, _streams[0].Reached(source.Slot), _streams[1].Reached(source.Slot)));
    }

    // A chunk is settled when the streams have reached what it held, be it from another source.
    private void Advance(ICollection<SettledChunk> settled)
    {
        foreach (var stream in _streams)
            stream.Advance();
        SettleWritten(settled);
        if (!_bytes.IsOver)
            return;
        foreach (var source in _sources.All)
            Hurried += source.Used.Count;
        StopWaiting();
        SettleWritten(settled);
    }

    private void StopWaiting()
    {
        foreach (var stream in _streams)
        {
            foreach (var source in _sources.All)
                stream.SetActive(source.Slot, false);
            stream.Advance();
        }
    }

    private void SettleWritten(ICollection<SettledChunk> settled)
    {
        foreach (var source in _sources.All)
        {
            while (source.Used.TryPeek(out var used) && _streams[0].HasWritten(used.CallerThrough) && _streams[1].HasWritten(used.CalleeThrough))
                Settle(source.Used.Dequeue(), settled);
        }
    }

    private void Settle(in UsedChunk used, ICollection<SettledChunk> settled)
    {
        _bytes.Remove(used.Delivery.Body.Length);
        settled.Add(new SettledChunk(
            used.Delivery, Math.Min(used.CallerThrough, _streams[0].Backlog.Tail), Math.Min(used.CalleeThrough, _streams[1].Backlog.Tail)));
    }
}
