using System.Collections.Concurrent;
using CallMirror.WsSink.Protocol;
using CallMirror.WsSink.Storage;
using CallMirror.WsSink.Telemetry;

namespace CallMirror.WsSink.Calls;

/// <summary>
/// All calls with a stream that has not ended, and the way in and out of it. What begins, goes on and ends in one call does so one
/// after the other (a gate a call), and audio never waits for it.
/// </summary>
internal sealed class CallBook : IDisposable
{
    private readonly ConcurrentDictionary<string, Call> _live = new(StringComparer.Ordinal);
    private readonly CallGates _gates = new();
    private readonly Lock _creating = new();
    private readonly OpenStreams _counter = new();
    private readonly SinkFolder _folder;
    private readonly SinkMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly RecentCalls _recent;
    private readonly StreamSearch _search;
    private readonly Finisher _finisher;
    private long _calls;

    public CallBook(SinkOptions options, SinkFolder folder, DiskRoom disk, SinkMetrics metrics, TimeProvider time, ILoggerFactory loggers)
    {
        (_folder, _metrics, _time) = (folder, metrics, time);
        _recent = new RecentCalls(options.RecentCalls);
        _search = new StreamSearch(folder, _live, record => Call.From(record, Interlocked.Increment(ref _calls)));
        _finisher = new Finisher(folder, disk, options.WavFiles, metrics, time, loggers.CreateLogger<Finisher>());
        var stored = folder.Stored(options.RecentCalls).Reverse().ToList();
        for (var i = 0; i < stored.Count; i++)
            _recent.Add(i - stored.Count, stored[i]);
        foreach (var tag in folder.Unfinished().ToList())
            Recover(tag);
    }

    /// <summary>Finds or makes the stream that a `start` means, and makes <paramref name="sender"/> its sender.</summary>
    /// <exception cref="IOException">The files can't be made.</exception>
    public async Task<(StoredStream? Stream, Refusal Refusal)> OpenAsync(StartFrame start, Sender sender, CancellationToken cancellationToken)
    {
        using var entered = await _gates.EnterAsync(start.CallId, cancellationToken);
        Sender? replaced;
        StoredStream stream;
        // Names of different calls may collide: looking for a free one and taking it is one step.
        lock (_creating)
        {
            var place = _search.Find(start);
            if (place.Refusal != Refusal.None)
                return (null, place.Refusal);
            var call = place.Call ?? new Call(Head(place.Name, start), Interlocked.Increment(ref _calls));
            stream = call.Open(place.Name.Role) ?? OpenFiles(call, place.Name, start);
            _live[call.Name] = call;
            _recent.Remove(call.Name);
            replaced = stream.Attach(sender, _time.GetUtcNow());
            stream.TraceParent = start.Traceparent;
            Count(stream);
        }
        replaced?.Superseded();
        return (stream, Refusal.None);
    }

    /// <summary>Finishes a stream whose sender said that it is over.</summary>
    public async Task EndAsync(StartFrame start, StoredStream stream, Sender sender, string reason, long? endPosition)
    {
        using var entered = await _gates.EnterAsync(start.CallId, CancellationToken.None);
        if (FindCall(stream) is { } call && stream.TryEnd(sender, "end"))
            await FinishAsync(call, stream, reason, endPosition);
    }

    /// <summary>Finishes all streams that have waited for another connection for longer than <paramref name="atMost"/>.</summary>
    public async Task ExpireAsync(TimeSpan atMost)
    {
        var before = _time.GetTimestamp() - (long)(atMost.TotalSeconds * _time.TimestampFrequency);
        foreach (var (call, stream) in Open().Where(open => open.Stream.LostBefore(before)))
        {
            using var entered = await _gates.EnterAsync(call.CallId, CancellationToken.None);
            if (stream.LostBefore(before) && stream.TryEnd(null, OwnEndReasons.ConnectionLost))
                await FinishAsync(call, stream, OwnEndReasons.ConnectionLost, null);
        }
    }

    /// <summary>Finishes whatever is open; senders that are still there lose their streams.</summary>
    public Task FinishAllAsync() => ExpireAllAsync(OwnEndReasons.ListenerStopped);

    public Task NoneOpenAsync(CancellationToken cancellationToken) => _counter.NoneAsync(cancellationToken);

    public SinkTotals Totals()
    {
        var (begun, ended) = _counter.Count;
        return new SinkTotals(begun, ended, _metrics.SamplesStored, _metrics.TimeStored.TotalSeconds, _metrics.Refusals);
    }

    /// <summary>The latest calls first; those of an earlier process only where <paramref name="earlier"/> says so.</summary>
    public IReadOnlyList<CallRecord> List(int atMost, bool earlier)
    {
        var open = _live.Values.Select(call => (call.Number, Call: call.ToRecord(RecentCalls.MaxEvents)));
        return [.. _recent.ToArray().Where(call => earlier || call.Number > 0).Concat(open)
            .DistinctBy(call => call.Call.Name)
            .OrderByDescending(call => call.Number).Take(atMost).Select(call => call.Call)];
    }

    public CallRecord? Find(string name) => _live.TryGetValue(name, out var call) ? call.ToRecord(0) : _recent.Find(name);

    public void Dispose() => _finisher.Dispose();

    private async Task ExpireAllAsync(string reason)
    {
        foreach (var (call, stream) in Open().ToList())
        {
            using var entered = await _gates.EnterAsync(call.CallId, CancellationToken.None);
            if (stream.TryEnd(null, reason))
                await FinishAsync(call, stream, reason, null);
        }
    }

    private async Task FinishAsync(Call call, StoredStream stream, string reason, long? endPosition)
    {
        await _finisher.FinishAsync(call, stream, reason, endPosition);
        StoreSpan.Write(call.CallId, stream.TraceParent, stream.Snapshot().Stream, reason, _time.GetUtcNow());
        if (call.AllEnded)
        {
            _recent.Add(call.Number, _folder.ReadSidecar(call.Name) ?? call.ToRecord());
            _live.TryRemove(call.Name, out _);
        }
        if (!stream.Counted)
            return;
        _counter.End();
        _metrics.StreamClosed();
    }

    private IEnumerable<(Call Call, StoredStream Stream)> Open() =>
        _live.Values.SelectMany(call => call.OpenStreams().Select(stream => (call, stream)));

    private Call? FindCall(StoredStream stream) =>
        StreamName.TryParse(stream.Tag, out var name) && _live.TryGetValue(name.Call, out var call) ? call : null;

    private void Count(StoredStream stream)
    {
        _metrics.StreamStarted();
        if (stream.Counted)
            return;
        stream.Counted = true;
        _counter.Begin();
        _metrics.StreamOpened();
    }

    private StoredStream OpenFiles(Call call, StreamName name, StartFrame start)
    {
        var tag = name.ToString();
        var known = call.Ended(name.Role);
        var events = call.EndedEvents(name.Role);
        var facts = (known ?? Facts(name, start)) with { EndReason = null, EndPosition = null, Wav = null };
        PcmFile pcm;
        try
        {
            // First what says whose the PCM is: a sink that is killed in between leaves no PCM that nobody knows.
            PartFile.Begin(_folder.Part(tag), call.ToRecord(0) with { Streams = [facts], Events = events });
            pcm = known is null ? PcmFile.Create(_folder.Pcm(tag), start.FirstPosition) : PcmFile.Reopen(_folder.Pcm(tag), known.FirstPosition);
        }
        catch (IOException)
        {
            File.Delete(_folder.Part(tag));
            throw;
        }

        var stream = new StoredStream(facts, pcm, _folder.Part(tag), events, _metrics) { EndedBefore = known };
        call.SetOpen(stream);
        return stream;
    }

    // A part file beside its PCM is a stream that was open when an earlier process ended.
    private void Recover(string tag)
    {
        if (PartFile.TryRead(_folder.Part(tag)) is not { Streams: [var facts] } record || facts.Tag != tag || !File.Exists(_folder.Pcm(tag))
            || !SinkFolder.IsNamed(facts, record.Name))
            return;
        var call = _live.GetOrAdd(record.Name, name => Call.From(_folder.ReadSidecar(name) ?? record with { Streams = [], Events = [] }, -1));
        var pcm = PcmFile.Reopen(_folder.Pcm(tag), facts.FirstPosition);
        var stream = new StoredStream(facts, pcm, _folder.Part(tag), record.Events, _metrics);
        stream.WaitFrom(_time.GetTimestamp());
        call.SetOpen(stream);
    }

    private static CallRecord Head(StreamName name, StartFrame start) => new()
    {
        Name = name.Call,
        CallId = start.CallId,
        From = start.From,
        To = start.To,
        StartedAt = start.StartedAt,
        Traceparent = start.Traceparent,
        Streams = [],
        Events = [],
    };

    private static StreamRecord Facts(StreamName name, StartFrame start) => new()
    {
        Tag = name.ToString(),
        Role = name.Role,
        Direction = start.Direction,
        SampleRate = start.SampleRate,
        FirstPosition = start.FirstPosition,
        State = "live",
        Pcm = name + ".pcm",
        Connections = [],
    };
}
