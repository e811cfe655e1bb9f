using System.Diagnostics;
using CallMirror.Contracts.Media;
using CallMirror.Contracts.Naming;
using CallMirror.Contracts.Tracing;
using CallMirror.Messaging.Media;

namespace CallMirror.Transcoder.Tracing;

/// <summary>
/// What a transcoder adds to the traces of calls: its hop of each traced batch, and what it made of each stream. The second needs counts, which are all that
/// a transcoder remembers, and only for its spans; of several transcoders that share a stream each tells of its own part.
/// </summary>
internal sealed class TranscodeSpans(IMediaBus bus, TimeProvider time)
{
    /// <summary>A stream that nothing came of for so long has its end elsewhere, at another transcoder.</summary>
    internal static readonly TimeSpan QuietLimit = TimeSpan.FromSeconds(30);

    private const int MaxStreams = 16_384;
    private const int LookEvery = 1024;

    private static readonly ActivitySource Source = new("CallMirror.Transcoder");

    private readonly Dictionary<(string CallId, long EpochNs, byte Role), StreamWork> _streams = [];
    private readonly Lock _lock = new();
    private int _looked;

    /// <summary>The time as a batch is taken up; nothing where nobody listens.</summary>
    public long? Begin() => Source.HasListeners() ? time.GetTimestamp() : null;

    /// <summary>A batch has been transcoded. The chunk goes on with the trace that the batch came with.</summary>
    public void Transcoded(long? begun, string callId, MediaDelivery batch, MediaBuffer chunk)
    {
        chunk.TraceParent = batch.Buffer.TraceParent;
        if (begun is not { } since || !MediaMessage.TryParse(chunk.Memory.Span, out var message, out _))
            return;
        var took = time.GetElapsedTime(since);
        if (batch.Buffer.TraceParent is { } above && ActivityContext.TryParse(above, null, isRemote: true, out var parent))
            chunk.TraceParent = WriteHop(parent, callId, batch, message, took);
        Count(callId, message, took);
    }

    /// <summary>Tells of all streams: nothing more comes.</summary>
    public void TellAll()
    {
        lock (_lock)
        {
            foreach (var stream in _streams)
                Write(stream.Key, stream.Value);
            _streams.Clear();
        }
    }

    private string WriteHop(ActivityContext parent, string callId, MediaDelivery batch, MediaMessage chunk, TimeSpan took)
    {
        var now = time.GetUtcNow();
        var hop = new MessagingHop(bus.System, "process", Exchanges.Rtp, RoutingKey.For(callId), batch.Body.Length);
        var span = new FinishedSpan
        {
            Name = hop.SpanName,
            Kind = ActivityKind.Consumer,
            TraceId = parent.TraceId,
            ParentId = parent.SpanId,
            Start = now - took,
            End = now,
        };
        span.With(SpanAttributes.CallId, callId).With(SpanAttributes.Sequence, (long)chunk.Header.Sequence)
            .With(SpanAttributes.Redelivered, batch.Redelivered ? true : null).WithMessaging(hop).WriteTo(Source);
        return span.TraceParent;
    }

    private void Count(string callId, MediaMessage chunk, TimeSpan took)
    {
        var header = chunk.Header;
        lock (_lock)
        {
            foreach (var section in chunk)
            {
                var key = (callId, header.Epoch, section.Role);
                if (!_streams.TryGetValue(key, out var work) && (work = Add(key)) is null)
                    continue;
                if (work.Take(section, took, time.GetTimestamp()))
                    WriteAndForget(key, work);
            }

            if (++_looked % LookEvery == 0)
                LookForQuiet();
        }
    }

    private StreamWork? Add((string CallId, long EpochNs, byte Role) key)
    {
        if (_streams.Count == MaxStreams)
            LookForQuiet();
        return _streams.Count == MaxStreams ? null : _streams[key] = new StreamWork(time.GetUtcNow());
    }

    private void LookForQuiet()
    {
        foreach (var (key, work) in _streams.Where(stream => time.GetElapsedTime(stream.Value.LastAt) > QuietLimit).ToList())
            WriteAndForget(key, work);
    }

    private void WriteAndForget((string CallId, long EpochNs, byte Role) key, StreamWork work)
    {
        _streams.Remove(key);
        Write(key, work);
    }

    private void Write((string CallId, long EpochNs, byte Role) key, StreamWork work)
    {
        var trace = CallTrace.Of(key.CallId, key.EpochNs);
        new FinishedSpan
        {
            Name = $"transcode {SpanAttributes.RoleName(key.Role)}",
            TraceId = trace.TraceId,
            ParentId = trace.CallSpan,
            Start = work.Since,
            End = time.GetUtcNow() - time.GetElapsedTime(work.LastAt),
        }
        .With(SpanAttributes.CallId, key.CallId)
        .With(SpanAttributes.Role, SpanAttributes.RoleName(key.Role))
        .With(SpanAttributes.Batches, work.Batches)
        .With(SpanAttributes.Samples, work.Samples)
        .With("callmirror.busy_ms", Math.Round(work.Busy.TotalMilliseconds, 3))
        .WriteTo(Source);
    }
}
