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
    private readonly ConcurrentDictionary<string, Call> live = new(StringComparer.Ordinal);
    private readonly CallGates gates = new();
    private readonly Lock creating = new();
    private readonly OpenStreams counter = new();
    private readonly SinkFolder folder;
    private readonly SinkMetrics metrics;
    private readonly TimeProvider time;
    private readonly RecentCalls recent;
    private readonly StreamSearch search;
    private readonly Finisher finisher;
    private long calls;

    public CallBook(SinkOptions options, SinkFolder folder, SinkMetrics metrics, TimeProvider time, ILoggerFactory loggers)
    {
        (this.folder, this.metrics, this.time) = (folder, metrics, time);
        recent = new RecentCalls(options.RecentCalls);
        search = new StreamSearch(folder, live, record => Call.From(record, Interlocked.Increment(ref calls)));
        finisher = new Finisher(folder, options.WavFiles, metrics, time, loggers.CreateLogger<Finisher>());
        var stored = folder.Stored(options.RecentCalls).Reverse().ToList();
        for (var i = 0; i < stored.Count; i++)
            recent.Add(i - stored.Count, stored[i]);
        foreach (var tag in folder.Unfinished().ToList())
            Recover(tag);
    }

    /// <summary>Finds or makes the stream that a `start` means, and makes <paramref name="sender"/> its sender.</summary>
    /// <exception cref="IOException">The files can't be made.</exception>
    public async Task<(StoredStream? Stream, Refusal Refusal)> OpenAsync(StartFrame start, Sender sender, CancellationToken cancellationToken)
    {
        using var entered = await gates.EnterAsync(start.CallId, cancellationToken);
        Sender? replaced;
        StoredStream stream;
        // Names of different calls may collide: looking for a free one and taking it is one step.
        lock (creating)
        {
            var place = search.Find(start);
            if (place.Refusal != Refusal.None)
                return (null, place.Refusal);
            var call = place.Call ?? new Call(Head(place.Name, start), Interlocked.Increment(ref calls));
            stream = call.Open(place.Name.Role) ?? OpenFiles(call, place.Name, start);
            live[call.Name] = call;
            recent.Remove(call.Name);
            replaced = stream.Attach(sender, time.GetUtcNow());
            Count(stream);
        }
        replaced?.Superseded();
        return (stream, Refusal.None);
    }

    /// <summary>Finishes a stream whose sender said that it is over.</summary>
    public async Task EndAsync(StartFrame start, StoredStream stream, Sender sender, string reason, long? endPosition)
    {
        using var entered = await gates.EnterAsync(start.CallId, CancellationToken.None);
        if (FindCall(stream) is { } call && stream.TryEnd(sender, "end"))
            await FinishAsync(call, stream, reason, endPosition);
    }

    /// <summary>Finishes all streams that have waited for another connection for longer than <paramref name="atMost"/>.</summary>
    public async Task ExpireAsync(TimeSpan atMost)
    {
        var before = time.GetTimestamp() - (long)(atMost.TotalSeconds * time.TimestampFrequency);
        foreach (var (call, stream) in Open().Where(open => open.Stream.LostBefore(before)))
        {
            using var entered = await gates.EnterAsync(call.CallId, CancellationToken.None);
            if (stream.LostBefore(before) && stream.TryEnd(null, OwnEndReasons.ConnectionLost))
                await FinishAsync(call, stream, OwnEndReasons.ConnectionLost, null);
        }
    }

    /// <summary>Finishes whatever is open; senders that are still there lose their streams.</summary>
    public Task FinishAllAsync() => ExpireAllAsync(OwnEndReasons.ListenerStopped);

    public Task NoneOpenAsync(CancellationToken cancellationToken) => counter.NoneAsync(cancellationToken);

    public SinkTotals Totals()
    {
        var (begun, ended) = counter.Count;
        return new SinkTotals(begun, ended, metrics.SamplesStored, metrics.Refusals);
    }

    /// <summary>The latest calls first; those of an earlier process only where <paramref name="earlier"/> says so.</summary>
    public IReadOnlyList<CallRecord> List(int atMost, bool earlier)
    {
        var open = live.Values.Select(call => (call.Number, Call: call.ToRecord(RecentCalls.MaxEvents)));
        return [.. recent.ToArray().Where(call => earlier || call.Number > 0).Concat(open)
            .DistinctBy(call => call.Call.Name)
            .OrderByDescending(call => call.Number).Take(atMost).Select(call => call.Call)];
    }

    public CallRecord? Find(string name) => live.TryGetValue(name, out var call) ? call.ToRecord(0) : recent.Find(name);

    public void Dispose() => finisher.Dispose();

    private async Task ExpireAllAsync(string reason)
    {
        foreach (var (call, stream) in Open().ToList())
        {
            using var entered = await gates.EnterAsync(call.CallId, CancellationToken.None);
            if (stream.TryEnd(null, reason))
                await FinishAsync(call, stream, reason, null);
        }
    }

    private async Task FinishAsync(Call call, StoredStream stream, string reason, long? endPosition)
    {
        await finisher.FinishAsync(call, stream, reason, endPosition);
        if (call.AllEnded)
        {
            recent.Add(call.Number, folder.ReadSidecar(call.Name) ?? call.ToRecord());
            live.TryRemove(call.Name, out _);
        }
        if (stream.Counted)
            counter.End();
    }

    private IEnumerable<(Call Call, StoredStream Stream)> Open() =>
        live.Values.SelectMany(call => call.OpenStreams().Select(stream => (call, stream)));

    private Call? FindCall(StoredStream stream) => live.TryGetValue(stream.Tag[..^2], out var call) ? call : null;

    private void Count(StoredStream stream)
    {
        metrics.StreamStarted();
        if (stream.Counted)
            return;
        stream.Counted = true;
        counter.Begin();
    }

    private StoredStream OpenFiles(Call call, StreamTag name, StartFrame start)
    {
        var tag = name.ToString();
        var known = call.Ended(name.Role);
        var events = call.EndedEvents(name.Role);
        var facts = (known ?? Facts(name, start)) with { EndReason = null, EndPosition = null, Wav = null };
        var pcm = known is null ? PcmFile.Create(folder.Pcm(tag), start.Position) : PcmFile.Reopen(folder.Pcm(tag), known.FirstPosition);
        try
        {
            PartFile.Begin(folder.Part(tag), call.ToRecord(0) with { Streams = [facts], Events = events });
        }
        catch (IOException)
        {
            pcm.Dispose();
            if (known is null)
                File.Delete(folder.Pcm(tag));
            throw;
        }
        var stream = new StoredStream(facts, pcm, folder.Part(tag), events, metrics);
        call.SetOpen(stream);
        return stream;
    }

    // A part file beside its PCM is a stream that was open when an earlier process ended.
    private void Recover(string tag)
    {
        if (PartFile.TryRead(folder.Part(tag)) is not { Streams: [var facts] } record || facts.Tag != tag || !File.Exists(folder.Pcm(tag))
            || facts.Role is not (0 or 1) || tag != $"{record.Name}-{facts.Role}")
            return;
        var call = live.GetOrAdd(record.Name, name => Call.From(folder.ReadSidecar(name) ?? record with { Streams = [], Events = [] }, -1));
        var pcm = PcmFile.Reopen(folder.Pcm(tag), facts.FirstPosition);
        var stream = new StoredStream(facts, pcm, folder.Part(tag), record.Events, metrics);
        stream.WaitFrom(time.GetTimestamp());
        call.SetOpen(stream);
    }

    private static CallRecord Head(StreamTag name, StartFrame start) => new()
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

    private static StreamRecord Facts(StreamTag name, StartFrame start) => new()
    {
        Tag = name.ToString(),
        Role = name.Role,
        Direction = start.Direction,
        SampleRate = start.SampleRate,
        FirstPosition = start.Position,
        State = "live",
        Pcm = name + ".pcm",
        Connections = [],
    };
}
