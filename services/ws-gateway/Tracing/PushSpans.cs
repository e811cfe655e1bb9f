using System.Diagnostics;
using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Naming;
using CallMirror.Contracts.Tracing;
using CallMirror.Messaging.Media;

namespace CallMirror.WsGateway.Tracing;

/// <summary>What a gateway adds to the trace of one call: a span for what it pushed of each stream, and the last hops of each traced chunk.</summary>
internal sealed class PushSpans(MediaNegotiated call, string group, IMediaBus bus, Uri listener, TimeProvider time)
{
    // Traced chunks that a listener has not acknowledged yet; it is one in hundreds.
    private const int MaxOpen = 64;

    private static readonly ActivitySource Source = new("CallMirror.WsGateway");

    private readonly CallTrace _trace = CallTrace.Of(call.CallId, call.StartedAt);
    private readonly ActivitySpanId[] _streams = [ActivitySpanId.CreateRandom(), ActivitySpanId.CreateRandom()];
    private readonly List<TracedChunk> _open = [];
    private DateTimeOffset? _began;
    private DateTimeOffset _pumping;

    /// <summary>What the listener of a role is told: its spans belong below that of the stream.</summary>
    public string TraceParent(int role) => CallTrace.Parent(_trace.TraceId, _streams[role], Source.HasListeners());

    /// <summary>A chunk has been taken from the lane.</summary>
    public void Taken(MediaDelivery chunk)
    {
        _began ??= time.GetUtcNow();
        if (chunk.Buffer.TraceParent is not { } above || !Source.HasListeners() || !ActivityContext.TryParse(above, null, isRemote: true, out var parent))
            return;
        // One that was let go with its subscription comes again, and this one is never settled.
        if (_open.Count == MaxOpen)
            _open.RemoveAt(0);
        _open.Add(new TracedChunk(chunk, parent, time.GetUtcNow()));
    }

    /// <summary>What was taken is about to be handed to the listener.</summary>
    public void Pumping()
    {
        if (_open.Count > 0)
            _pumping = time.GetUtcNow();
    }

    /// <summary>What was taken has been handed to the listener, as far as it could be.</summary>
    public void Pumped()
    {
        foreach (var chunk in _open)
            if (!chunk.IsSent)
                Send(chunk);
    }

    /// <summary>The lane need not keep the chunk any longer: the listener has it.</summary>
    public void Settled(MediaDelivery chunk)
    {
        if (chunk.Buffer.TraceParent is null || _open.Find(open => open.Chunk == chunk) is not { } traced)
            return;
        _open.Remove(traced);
        var hop = new MessagingHop(bus.System, "process", Exchanges.Pcm, RoutingKey.For(call.CallId), traced.Bytes);
        new FinishedSpan
        {
            Name = hop.SpanName,
            Kind = ActivityKind.Consumer,
            TraceId = traced.Parent.TraceId,
            Id = traced.Id,
            ParentId = traced.Parent.SpanId,
            Start = traced.TakenAt,
            End = time.GetUtcNow(),
        }
        .With(SpanAttributes.CallId, call.CallId)
        .With("callmirror.gateway_group", group)
        .With(SpanAttributes.Redelivered, chunk.Redelivered ? true : null)
        .WithMessaging(hop)
        .WriteTo(Source);
    }

    /// <summary>A stream has ended, or this gateway leaves it.</summary>
    public void StreamEnded(StreamFigures stream)
    {
        if (!Source.HasListeners())
            return;
        var now = time.GetUtcNow();
        new FinishedSpan
        {
            Name = $"push {SpanAttributes.RoleName(stream.Role)}",
            Kind = ActivityKind.Client,
            TraceId = _trace.TraceId,
            Id = _streams[stream.Role],
            ParentId = _trace.CallSpan,
            Start = _began ?? now,
            End = now,
            Error = stream.Failure,
        }
        .With(SpanAttributes.CallId, call.CallId)
        .With(SpanAttributes.Role, SpanAttributes.RoleName(stream.Role))
        .With("callmirror.tag", stream.Tag)
        .With("callmirror.gateway_group", group)
        .With("server.address", listener.Host)
        .With("server.port", (long)listener.Port)
        .With(SpanAttributes.Samples, stream.Samples)
        .With("callmirror.frames", stream.Frames)
        .With("callmirror.reconnects", (long)stream.Reconnects)
        .With("callmirror.gaps", stream.Gaps)
        .With("callmirror.gap_samples", stream.GapSamples)
        .With("callmirror.duplicate_samples", stream.DuplicateSamples)
        .With("callmirror.lost_samples", stream.LostSamples)
        .With("callmirror.acked_position", stream.AckedPosition)
        .With(SpanAttributes.EndReason, stream.EndReason is { } reason ? EndReasons.Word(reason) : "left")
        .WriteTo(Source);
    }

    private void Send(TracedChunk chunk)
    {
        chunk.IsSent = true;
        new FinishedSpan
        {
            Name = "send to listener",
            Kind = ActivityKind.Client,
            TraceId = chunk.Parent.TraceId,
            ParentId = chunk.Id,
            Start = _pumping,
            End = time.GetUtcNow(),
        }
        .With(SpanAttributes.CallId, call.CallId)
        .With("server.address", listener.Host)
        .With("server.port", (long)listener.Port)
        .WriteTo(Source);
    }

    /// <summary>A traced chunk that the listener does not have for certain.</summary>
    private sealed class TracedChunk(MediaDelivery chunk, ActivityContext parent, DateTimeOffset takenAt)
    {
        public MediaDelivery Chunk => chunk;

        public ActivityContext Parent => parent;

        public ActivitySpanId Id { get; } = ActivitySpanId.CreateRandom();

        public DateTimeOffset TakenAt => takenAt;

        // Its memory is given back before it is settled.
        public int Bytes { get; } = chunk.Body.Length;

        public bool IsSent { get; set; }
    }
}
