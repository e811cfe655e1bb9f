using CallMirror.WsSink.Protocol;
using CallMirror.WsSink.Storage;
using CallMirror.WsSink.Telemetry;

namespace CallMirror.WsSink.Calls;

/// <summary>A connection as a stream knows it; whoever is a stream's sender may write to it.</summary>
internal sealed record Sender(string Tag, long Position, Action Superseded);

/// <summary>
/// A stream that has not ended. Its audio is put in place by position: what is stored already is passed over, what lies beyond it is
/// preceded by silence. One sender at a time may write; a sender that was replaced is told so.
/// </summary>
internal sealed class StoredStream(StreamRecord facts, PcmFile pcm, string partFile, IEnumerable<EventRecord> events, SinkMetrics metrics)
{
    public const int MaxEvents = 10_000;
    private const int MaxConnections = 1_000;
    private const int BytesPerSample = 2;

    private readonly Lock _gate = new();
    private readonly List<EventRecord> _events = [.. events];
    private readonly List<ConnectionRecord> _connections = [.. facts.Connections];
    private Sender? _sender;
    private long _lostAt;
    private bool _ended;

    public string Tag => facts.Tag;
    public int Role => facts.Role;
    public int SampleRate => facts.SampleRate;

    /// <summary>Whether it is one of those that this process waits for.</summary>
    public bool Counted { get; set; }

    /// <summary>
    /// How it ended before its sender came again, and where: null where it never did. A sender that died behind its end may have another tell the
    /// end again, and that is no second one.
    /// </summary>
    public StreamRecord? EndedBefore { get; init; }

    /// <summary>The trace context that its latest `start` named.</summary>
    public string? TraceParent { get; set; }

    public int EventsDropped { get; private set; }

    public bool HasSender
    {
        get
        {
            lock (_gate)
                return _sender is not null;
        }
    }

    public long End
    {
        get
        {
            lock (_gate)
                return pcm.End;
        }
    }

    /// <summary>Makes <paramref name="next"/> the sender and returns the one that it replaces.</summary>
    public Sender? Attach(Sender next, DateTimeOffset now)
    {
        lock (_gate)
        {
            var replaced = _sender;
            if (replaced is not null)
                Close(replaced, Refusal.Superseded.Word());
            Add(new ConnectionRecord { Tag = next.Tag, At = now, Position = next.Position });
            _sender = next;
            return replaced;
        }
    }

    /// <summary>The sender is gone without an end; false where another has taken its place.</summary>
    public bool Detach(Sender from, string why, long timestamp)
    {
        lock (_gate)
        {
            if (_sender != from)
                return false;
            Close(from, why);
            _sender = null;
            _lostAt = timestamp;
            return true;
        }
    }

    /// <summary>Counts the wait for another sender from now on; for a stream that an earlier process left.</summary>
    public void WaitFrom(long timestamp) => _lostAt = timestamp;

    public bool LostBefore(long timestamp)
    {
        lock (_gate)
            return _sender is null && _lostAt <= timestamp;
    }

    /// <summary>
    /// Stores whole samples that begin at <paramref name="position"/> and moves it to their end, behind at most
    /// <paramref name="maxHole"/> samples of silence.
    /// </summary>
    public Refusal Append(Sender from, ref long position, ReadOnlySpan<byte> samples, long maxHole)
    {
        lock (_gate)
        {
            if (_sender != from)
                return Refusal.Superseded;
            var known = (int)Math.Clamp(pcm.End - position, 0, samples.Length / BytesPerSample);
            if (position - pcm.End > maxHole)
                return Refusal.HoleTooLong;
            if (position > pcm.End)
                Fill(position);
            if (known > 0)
                metrics.Repeated(known);
            pcm.Append(samples[(known * BytesPerSample)..]);
            position += samples.Length / BytesPerSample;
            metrics.Stored((samples.Length / BytesPerSample) - known, facts.SampleRate);
            return Refusal.None;
        }
    }

    /// <summary>Keeps an event; one that is <paramref name="placed"/>, whose sender said where it belongs, is known again when it is told twice.</summary>
    public Refusal Happened(Sender from, EventRecord what, bool placed)
    {
        lock (_gate)
        {
            if (_sender != from)
                return Refusal.Superseded;
            // A sender that goes on from an earlier position tells again what happened after it.
            if (placed && _events.Exists(known => IsSame(known, what)))
                metrics.EventRepeated();
            else
                Keep(what);
            return Refusal.None;
        }
    }

    /// <summary>Ends it; false where <paramref name="from"/> is not its sender any more, or another has ended it.</summary>
    public bool TryEnd(Sender? from, string how)
    {
        lock (_gate)
        {
            if (_ended || _sender != from)
                return false;
            _ended = true;
            if (_sender is not null)
                Close(_sender, how);
            _sender = null;
            pcm.Dispose();
            return true;
        }
    }

    /// <summary>What is known of it now, with its latest events.</summary>
    public (StreamRecord Stream, EventRecord[] Events) Snapshot(int maxEvents = MaxEvents)
    {
        lock (_gate)
        {
            var record = facts with
            {
                FirstPosition = pcm.First,
                Samples = pcm.End - pcm.First,
                State = _ended ? "ended" : _sender is null ? "waiting" : "live",
                Connections = [.. _connections],
            };
            return (record, [.. _events.Skip(_events.Count - maxEvents)]);
        }
    }

    // A name is told on each connection, wherever that stands.
    private static bool IsSame(EventRecord known, EventRecord what) =>
        what.Type == EventRecord.Renamed ? known == what with { Position = known.Position } : known == what;

    private void Fill(long position)
    {
        var samples = position - pcm.End;
        Keep(new EventRecord { Type = "gap", Role = Role, Position = pcm.End, Samples = samples, Cause = "not-sent" });
        pcm.SilenceTo(position);
        metrics.Filled(samples, facts.SampleRate);
    }

    private void Keep(EventRecord what)
    {
        if (_events.Count == MaxEvents)
        {
            EventsDropped++;
            metrics.EventDropped();
            return;
        }
        _events.Add(what);
        PartFile.Append(partFile, new PartLine { Event = what });
    }

    private void Add(ConnectionRecord connection)
    {
        if (_connections.Count == MaxConnections)
            return;
        _connections.Add(connection);
        PartFile.Append(partFile, new PartLine { Connection = connection });
    }

    private void Close(Sender from, string why)
    {
        var last = _connections.FindLastIndex(connection => connection.Tag == from.Tag && connection.Closed is null);
        if (last >= 0)
            _connections[last] = _connections[last] with { Until = pcm.End, Closed = why };
    }
}
