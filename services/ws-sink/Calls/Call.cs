namespace CallMirror.WsSink.Calls;

/// <summary>A call with a stream that has not ended, and what is known of its other stream.</summary>
internal sealed class Call(CallRecord head, long number)
{
    private const int Roles = 2;
    private readonly Lock _gate = new();
    private readonly StoredStream?[] _open = new StoredStream?[Roles];
    private readonly StreamRecord?[] _ended = new StreamRecord?[Roles];
    private readonly EventRecord[][] _endedEvents = [[], []];
    private int _eventsDropped = head.EventsDropped;

    public string Name => head.Name;
    public string CallId => head.CallId;

    /// <summary>When the call began, as its sender says; null where it does not.</summary>
    public string? StartedAt => head.StartedAt;

    /// <summary>Its place in the order in which calls came.</summary>
    public long Number => number;

    /// <summary>Takes up a call where its sidecar left it.</summary>
    public static Call From(CallRecord record, long number)
    {
        var call = new Call(record, number);
        foreach (var stream in record.Streams.Where(stream => stream.Role is 0 or 1))
            call.SetEnded(stream, [.. record.Events.Where(e => e.Role == stream.Role)]);
        return call;
    }

    public StoredStream? Open(int role)
    {
        lock (_gate)
            return _open[role];
    }

    public StreamRecord? Ended(int role)
    {
        lock (_gate)
            return _ended[role];
    }

    public IReadOnlyList<EventRecord> EndedEvents(int role)
    {
        lock (_gate)
            return _endedEvents[role];
    }

    public bool AllEnded
    {
        get
        {
            lock (_gate)
                return Array.TrueForAll(_open, stream => stream is null);
        }
    }

    public StoredStream[] OpenStreams()
    {
        lock (_gate)
            return [.. _open.OfType<StoredStream>()];
    }

    public void SetOpen(StoredStream stream)
    {
        lock (_gate)
            (_open[stream.Role], _ended[stream.Role], _endedEvents[stream.Role]) = (stream, null, []);
    }

    public void SetEnded(StreamRecord stream, EventRecord[] events)
    {
        lock (_gate)
        {
            _eventsDropped += _open[stream.Role]?.EventsDropped ?? 0;
            (_open[stream.Role], _ended[stream.Role], _endedEvents[stream.Role]) = (null, stream, events);
        }
    }

    /// <summary>All that is known now; with its latest events only, where <paramref name="maxEvents"/> says so.</summary>
    public CallRecord ToRecord(int maxEvents = StoredStream.MaxEvents)
    {
        lock (_gate)
        {
            var parts = Enumerable.Range(0, Roles).Select(role => Part(role, maxEvents)).OfType<(StreamRecord Stream, EventRecord[] Events)>().ToList();
            var name = parts.SelectMany(part => part.Events).LastOrDefault(e => e.Type == EventRecord.Renamed);
            return head with
            {
                SipCallId = name?.CallId ?? head.SipCallId,
                From = head.From ?? name?.From,
                To = head.To ?? name?.To,
                StereoWav = null,
                FirstPosition = parts.Select(part => part.Stream.FirstPosition).DefaultIfEmpty().Min(),
                Streams = [.. parts.Select(part => part.Stream)],
                // Of two events at one position the one of the caller's stream stands first; of one stream, the earlier.
                Events = [.. parts.SelectMany(part => part.Events).OrderBy(e => e.Position).ThenBy(e => e.Role)],
                EventsDropped = _eventsDropped + _open.Sum(stream => stream?.EventsDropped ?? 0),
            };
        }
    }

    private (StreamRecord, EventRecord[])? Part(int role, int maxEvents)
    {
        if (_open[role] is { } stream)
            return stream.Snapshot(maxEvents);
        return _ended[role] is { } record ? (record, _endedEvents[role][Math.Max(0, _endedEvents[role].Length - maxEvents)..]) : null;
    }
}
